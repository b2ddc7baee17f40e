//! `cargo xtask unsafe`: the package `xtask/unsafe`, which needs a parser of Rust that no other command has to wait for.

use crate::command;
use crate::workspace::Workspace;

/// Prints how much unsafe code our crates stand on.
pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::load()?;
    let count = ["run", "--quiet", "--package", "unsafe-count"];
    command::run(&mut workspace.cargo(&count))
}
