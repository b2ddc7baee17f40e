#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod arguments;
mod called;
mod command;
mod config;
mod context;
pub mod credential;
mod error;
mod exit;
pub mod inspect;
mod key;
mod known;
mod name;
mod output;
mod proof;
mod qr;
mod receivers;
mod runtime;
mod secret;
mod settings;
mod stored;
mod summary;
mod transport;
mod watch;

use std::process::ExitCode;

use arguments::Arguments;
use context::Context;
use output::Output;

/// The whole program: reads the arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let given = called::arguments(std::env::args_os());
    if let Err(failure) = secret::not_on_the_command_line(&given) {
        let is_json = given.iter().any(|own| own == "--json");
        Output::new(is_json).failure(&failure);
        return failure.exit().into();
    }
    let arguments = Arguments::of(given);
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
