//! `cargo xtask bench`: what the grants cost (the benchmarks of `hallpass-grant`).

use crate::command;
use crate::workspace::Workspace;

/// Runs the benchmarks with whatever arguments follow the command's name.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let workspace = Workspace::load()?;
    let mut cargo = workspace.cargo(&["bench", "--package", "hallpass-grant"]);
    command::run(cargo.args(arguments))
}
