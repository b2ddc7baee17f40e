//! `cargo xtask torture`: proofs on real processes (the package `xtask/torture`), built in release.

use crate::command;
use crate::tools;
use crate::workspace::Workspace;

/// Runs the harness with whatever arguments follow the command's name.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    torture(&Workspace::load()?, arguments)
}

/// The short form, as a step of `test`.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    torture(workspace, &["--short"])
}

fn torture(workspace: &Workspace, arguments: &[&str]) -> Result<(), String> {
    // Without it the harness says itself what cannot be proved, unless that is left out.
    if let Err(error) = tools::strace() {
        println!("  strace is {error}");
    }
    let mut cargo = workspace.cargo(&["run", "--release", "--quiet", "--package", "torture", "--"]);
    command::run(cargo.args(arguments))
}
