//! Proofs on real processes: what many of them, killed, stopped and cut off, do to one session and to one store.
//!
//! `cargo xtask torture` runs it. The same program with the word `worker` is a process that gets killed.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::env;
use std::process::ExitCode;

mod backend;
mod ground;
mod mark;
mod options;
mod process;
mod report;
mod scenario;
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
