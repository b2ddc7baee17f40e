//! What stands on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser};

use crate::command::Command;
use crate::name::Name;

/// Log in with OAuth 2.0, and have a valid access token in every script.
#[derive(Parser)]
#[command(name = "hallpass", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Reads a command line. What is wrong with it is told, and ends the program.
    pub(crate) fn of(given: Vec<OsString>) -> Self {
        let is_run = given.iter().any(|own| own == "run");
        Self::try_parse_from(given).unwrap_or_else(|error| match is_run {
            true => with_dashes(error).exit(),
            false => error.exit(),
        })
    }
}

/// The same error, and how a command is given to `run`.
fn with_dashes(mut error: clap::Error) -> clap::Error {
    let what = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(what)) if !what.starts_with('-') => what.clone(),
        _ => return error,
    };
    if error.kind() == ErrorKind::UnknownArgument {
        let tip = format!("put `--` before the command: hallpass run -- {what}");
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Every command")]
pub(crate) struct Common {
    /// Which session, and which profile of the configuration [default: default]
    #[arg(
        short,
        long,
        global = true,
        value_name = "NAME",
        env = "HALLPASS_PROFILE",
        hide_env_values = true
    )]
    pub(crate) profile: Option<Name>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "HALLPASS_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// The folder that sessions are kept in
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "HALLPASS_STORE",
        hide_env_values = true
    )]
    pub(crate) store: Option<PathBuf>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 2 usage, 3 not logged in, 4 log in again, 5 refused by the server, 6 try again later,
7 the store cannot be read or written, 8 the server broke the protocol, 9 nobody answered in time, 130 Ctrl-C, 1 anything else";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
