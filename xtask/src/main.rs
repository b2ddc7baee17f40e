//! The commands of this repository: `cargo xtask help` lists them.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::env;
use std::process::ExitCode;

mod api;
mod bench;
mod browser;
mod command;
mod demo;
mod git;
mod help;
mod packages;
mod release;
mod sbom;
mod services;
mod sim;
mod source;
mod test;
mod tidy;
mod tools;
mod torture;
mod unsafe_count;
mod workspace;

fn main() -> ExitCode {
    if let Some(done) = release::check::as_rustdoc() {
        return ended(done);
    }
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test", names @ ..] => test::run(names),
        ["tidy"] => tidy::run(),
        ["threats"] => tidy::write_threats(),
        ["unsafe"] => unsafe_count::run(),
        ["sbom", names @ ..] => sbom::run(names),
        ["api", rest @ ..] => api::run(rest),
        ["demo", rest @ ..] => demo::run(rest),
        ["sim", rest @ ..] => sim::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["torture", rest @ ..] => torture::run(rest),
        ["browser", rest @ ..] => browser::run(rest),
        ["release", rest @ ..] => release::run(rest),
        [] | ["help" | "--help" | "-h"] => help::run(),
        [other, ..] => Err(format!(
            "no command is called `{other}`: `cargo xtask help` lists them"
        )),
    };
    ended(done)
}

fn ended(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}");
            ExitCode::FAILURE
        }
    }
}
