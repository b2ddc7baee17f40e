//! `cargo xtask demo`: the walk from consent to an authorised call (the package `examples/demo`).

use crate::command;
use crate::workspace::Workspace;

/// Runs the demo with whatever arguments follow the command's name.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let workspace = Workspace::load()?;
    let mut cargo = workspace.cargo(&["run", "--quiet", "--package", "demo", "--"]);
    command::run(cargo.args(arguments))
}
