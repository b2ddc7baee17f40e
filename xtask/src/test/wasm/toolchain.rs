//! What compiles for `wasm32-unknown-unknown`: the toolchain that runs this, where it has that target, or Debian's, which has its
//! source and compiles the standard library too.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::tools;
use crate::workspace::Workspace;

/// What compiles for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// The toolchain that runs this.
    Ours,
    /// Debian's packages, beside any other.
    Debian,
}

/// Debian's own programs, by their full names: a cargo in the path is another one.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "/usr/bin/wasm-ld-19";
const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";
const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// ring has C in it.
const COMPILER: &str = "clang";

impl Toolchain {
    pub(super) fn find(workspace: &Workspace) -> Result<Toolchain, String> {
        let has_compiler = command::version(COMPILER).is_some();
        let compiler: &[&str] = if has_compiler { &[] } else { &[COMPILER] };
        if has_target(workspace) {
            return match has_compiler {
                true => Ok(Toolchain::Ours),
                false => tools::install_from_debian(compiler, "install clang as your system does")
                    .map(|()| Toolchain::Ours),
            };
        }
        let is_there = || {
            let programs = [CARGO, RUSTC, LINKER, SOURCE];
            programs.iter().all(|program| Path::new(program).exists())
        };
        if !is_there() || !has_compiler {
            let packages = [PACKAGES, compiler].concat();
            let otherwise = "run `rustup target add wasm32-unknown-unknown` and install clang as your system does";
            tools::install_from_debian(&packages, otherwise)?;
        }
        match is_there() {
            true => Ok(Toolchain::Debian),
            false => Err(format!(
                "Debian's {} brought no {SOURCE}",
                PACKAGES.join(", ")
            )),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Toolchain::Ours => "the toolchain's own target",
            Toolchain::Debian => "Debian's rustc, the standard library too",
        }
    }

    /// Its cargo, in the root. The tests have a harness of their own, which is unstable.
    pub(super) fn cargo(self, workspace: &Workspace) -> Command {
        let mut cargo = match self {
            Toolchain::Ours => workspace.cargo(&[]),
            Toolchain::Debian => {
                let mut cargo = Command::new(CARGO);
                cargo
                    .current_dir(&workspace.root)
                    .env("RUSTC", RUSTC)
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER)
                    .env_remove("CARGO")
                    .env_remove("RUSTUP_TOOLCHAIN");
                cargo
            }
        };
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CC_wasm32_unknown_unknown", COMPILER)
            // Nobody debugs it, and it is read once more to put the JavaScript around it.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            // What others have compiled with other settings stays as it is.
            .env("CARGO_TARGET_DIR", workspace.target.join("wasm"));
        cargo
    }

    /// What cargo is told beside what to compile.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Toolchain::Ours => &[],
            Toolchain::Debian => &[
                "-Zbuild-std=std,panic_abort,test",
                // None of its features, of which backtraces are the dear one.
                "-Zbuild-std-features=",
            ],
        }
    }
}

/// Whether the toolchain that runs this has the target's standard library.
fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print=target-libdir", "--target=wasm32-unknown-unknown"])
        .current_dir(&workspace.root);
    command::run_quietly(&mut rustc).is_ok_and(|folder| PathBuf::from(folder.trim()).is_dir())
}
