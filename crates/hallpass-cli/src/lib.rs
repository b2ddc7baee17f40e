#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod arguments;
mod command;
mod config;
mod context;
mod error;
mod exit;
mod key;
mod known;
mod name;
mod output;
mod proof;
mod runtime;
mod secret;
mod settings;
mod stored;
mod summary;
mod transport;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use context::Context;
use output::Output;

/// The whole program: reads the arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.common.json);
    let done =
        Context::new(&arguments.common, output).and_then(|context| arguments.command.run(&context));
    match done {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            failure.exit().into()
        }
    }
}
