//! What a registry has of our crates. `cargo xtask release` runs it, so that the other commands need not compile an HTTP client:
//!
//! - `registry versions [--registry NAME] CRATE...` prints a JSON object: crate, version, whether it is yanked, its package's SHA-256, what it depends on.
//! - `registry download [--registry NAME] CRATE VERSION` writes the package, as it was published, to stdout.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::index::Index;

mod index;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let answer = match words.as_slice() {
        ["versions", "--registry", registry, crates @ ..] => versions(Some(registry), crates),
        ["versions", crates @ ..] => versions(None, crates),
        ["download", "--registry", registry, name, version] => {
            download(Some(registry), name, version)
        }
        ["download", name, version] => download(None, name, version),
        _ => Err("call it through `cargo xtask release`".to_owned()),
    };
    let written = answer.and_then(|answer| {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&answer).and_then(|()| stdout.flush());
        written.map_err(|error| error.to_string())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn versions(registry: Option<&str>, crates: &[&str]) -> Result<Vec<u8>, String> {
    let index = Index::open(registry)?;
    let mut all = serde_json::Map::new();
    for name in crates {
        all.insert((*name).to_owned(), index.versions(name)?.into());
    }
    serde_json::to_vec(&all).map_err(|error| error.to_string())
}

fn download(registry: Option<&str>, name: &str, version: &str) -> Result<Vec<u8>, String> {
    Index::open(registry)?.package(name, version)
}
