//! `hallpass completions`: what a shell needs to complete a command line.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

/// Print completions for a shell.
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell; without one, that of $SHELL
    #[arg(value_name = "SHELL")]
    shell: Option<Shell>,
}

impl Completions {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let shell = self.shell.or_else(Shell::from_env).ok_or_else(|| {
            Failure::usage("$SHELL names no shell that hallpass knows")
                .next("hallpass completions bash")
        })?;
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "hallpass", &mut script);
        output::write_all(&script)?;
        Ok(Exit::Done.into())
    }
}
