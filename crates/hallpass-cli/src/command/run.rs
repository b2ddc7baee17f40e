//! `hallpass run`: a command with a valid access token in its environment.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::{Command, ExitCode};

use clap::{Args, ValueHint};

use super::token;
use crate::context::Context;
use crate::error::Failure;
use crate::secret::SecretOptions;

/// Run a command with a valid access token in its environment.
#[derive(Args)]
pub(crate) struct Run {
    /// The variable the token is in
    #[arg(long, value_name = "VARIABLE", default_value = "HALLPASS_TOKEN")]
    variable: String,
    #[command(flatten)]
    secret: SecretOptions,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND", help_heading = "Arguments", value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

impl Run {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if self.variable.is_empty() || self.variable.contains(['=', '\0']) {
            return Err(Failure::usage(
                "--variable: that is no name of an environment variable",
            ));
        }
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(Failure::usage("there is no command to run"));
        };
        let token = token::valid(context, &self.secret, |tokens| {
            Ok(tokens.access_token.clone())
        })?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env(&self.variable, token.expose_secret());
        let error = match become_it(command) {
            Ok(code) => return Ok(code),
            Err(error) => error,
        };
        // As shells do.
        let code = match error.kind() {
            ErrorKind::NotFound => 127,
            _ => 126,
        };
        let says = format!("{} cannot be run", program.to_string_lossy());
        context
            .output
            .failure(&Failure::failed(says).because(&error));
        Ok(ExitCode::from(code))
    }
}

/// The command takes this program's place, and so its signals and its exit code are its own.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    Err(command.exec())
}

/// Waits for the command, and ends as it does.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code().unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
