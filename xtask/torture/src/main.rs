//! Proofs on real processes: what many of them, killed, stopped and cut off, do to one session and to one store.
//!
//! `cargo xtask torture` runs it. The same program with the word `worker` is a process that gets killed.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(not(unix))]
compile_error!(
    "processes are stopped and interrupted as Unix has it: leave out the package torture (--exclude torture)"
);

use std::env;
use std::process::ExitCode;

mod account;
mod backend;
mod ground;
mod holder;
mod mark;
mod options;
mod process;
mod proxy;
mod report;
mod scenario;
mod service;
mod strict;
mod worker;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["worker", kind, rest @ ..] => worker::run(kind, rest),
        rest => options::Options::read(rest).and_then(|options| scenario::run(&options)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What an error says, and what is behind it.
fn text(error: impl std::error::Error) -> String {
    let mut said = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let more = error.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        behind = error.source();
    }
    said
}
