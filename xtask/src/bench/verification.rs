//! `cargo xtask bench verification`: what it costs to verify a token with `hallpass-jose`, beside ring with everything decoded beforehand and
//! beside jsonwebtoken, from one run.
//!
//! The program compares and prints its own table; it fails where ours costs more of the raw library than it may.

use std::process::Command;

use super::programs;
use crate::command;
use crate::workspace::Workspace;

const MANIFEST: &str = "crates/hallpass-jose/benches/Cargo.toml";

/// Builds the program and runs it.
pub(super) fn run(workspace: &Workspace) -> Result<(), String> {
    let program = programs(workspace, MANIFEST)?.join("verification");
    command::run(&mut Command::new(program))
}
