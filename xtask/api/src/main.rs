//! A rustdoc for cargo to call that lists the public API of a crate: `cargo xtask api` names it in `RUSTDOC`.
//!
//! JSON is asked of the real rustdoc with the crate's own features switched on and off, while what the crate depends on stays as cargo
//! has compiled it, with all features. So a dozen listings of one crate cost a dozen runs of rustdoc and nothing is compiled for
//! them. And only that rustdoc is allowed unstable options: were it all of cargo, every build script that asks about them would
//! run again, and all that hangs on it compile again.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod listing;
mod names;
mod rustdoc;
mod sets;

use listing::Listing;
use rustdoc::Rustdoc;

/// A folder in which each crate that is to be listed has one of its own, with the file `sets` in it. The listings go beside that.
const FOLDER: &str = "HALLPASS_API";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> Result<(), String> {
    let rustdoc = Rustdoc::called_with(arguments);
    let folder = env::var_os(FOLDER).map(PathBuf::from);
    let package = env::var_os("CARGO_PKG_NAME");
    let (Some(folder), Some(package), true) = (folder, package, rustdoc.documents()) else {
        return rustdoc.run_as_it_is();
    };
    let folder = folder.join(package);
    // What is not asked for needs no documentation either.
    for set in sets::read(&folder)? {
        let file = folder.join(&set.name);
        let json = file.with_extension("json");
        rustdoc.write_json(&set.features, &json)?;
        let listing = Listing::of(&json)?;
        write(&file.with_extension("txt"), &listing.lines())?;
        match set.is_whole() {
            true => write(&folder.join("names"), &listing.names()?)?,
            false => remove(&json)?,
        }
    }
    rustdoc.leave_mark()
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

fn remove(file: &Path) -> Result<(), String> {
    fs::remove_file(file).map_err(|error| format!("{}: {error}", file.display()))
}
