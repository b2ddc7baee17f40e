//! The documentation as docs.rs builds it: from the package, with the features that its manifest names, `--cfg docsrs` and a rustdoc
//! that takes unstable features. Warnings are denied.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use super::fields::Manifests;
use crate::command;
use crate::packages::{Packages, Packed};

/// Names the rustdoc that we stand in for.
const STANDS_FOR: &str = "HALLPASS_XTASK_STANDS_FOR_RUSTDOC";

/// Builds one crate's documentation.
pub(super) fn check(
    packages: &Packages,
    packed: &Packed,
    manifests: &Manifests,
) -> Result<String, String> {
    let name = &packed.package.name;
    let arguments = manifests.docs_arguments(name);
    let mut cargo = packages.cargo(&["doc", "--quiet", "--no-deps", "--package", name]);
    as_docs_rs(cargo.args(&arguments))?;
    command::run_quietly(&mut cargo)?;
    Ok(format!("as docs.rs builds them, {}", arguments.join(" ")))
}

/// Has a `cargo doc` build what docs.rs would.
pub(crate) fn as_docs_rs(cargo: &mut Command) -> Result<(), String> {
    let ourselves =
        env::current_exe().map_err(|error| format!("where is this program? {error}"))?;
    let rustdoc = env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    cargo
        .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings")
        .env(STANDS_FOR, rustdoc)
        .env("RUSTDOC", ourselves);
    Ok(())
}

/// Where cargo started us in rustdoc's place: what rustdoc ended with. Only rustdoc is told to take unstable features: build scripts
/// watch that variable, and all that was compiled would be compiled again.
pub(crate) fn as_rustdoc() -> Option<Result<(), String>> {
    let rustdoc = env::var_os(STANDS_FOR)?;
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let mut rustdoc = Command::new(rustdoc);
    Some(command::run(
        rustdoc.args(arguments).env("RUSTC_BOOTSTRAP", "1"),
    ))
}
