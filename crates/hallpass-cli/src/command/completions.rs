//! `hallpass completions`: what a shell needs to complete a command line.

use std::process::ExitCode;

use clap::{Args, Command, CommandFactory, ValueHint};
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
        let mut command = hinted(Arguments::command());
        clap_complete::generate(shell, &mut command, "hallpass", &mut script);
        output::write_all(&script)?;
        Ok(Exit::Done.into())
    }
}

/// Files are completed where a file is wanted, and nowhere else.
fn hinted(command: Command) -> Command {
    let command = command.mut_args(|argument| match argument.get_value_hint() {
        ValueHint::Unknown if argument.get_action().takes_values() => {
            argument.value_hint(ValueHint::Other)
        }
        _ => argument,
    });
    command.mut_subcommands(hinted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_proposed_where_none_is_wanted_and_nothing_that_is_refused() {
        let mut script = Vec::new();
        let mut command = hinted(Arguments::command());
        clap_complete::generate(Shell::Zsh, &mut command, "hallpass", &mut script);
        let script = String::from_utf8(script).unwrap();
        assert!(!script.contains("--client-secret="), "{script}");
        for line in script.lines() {
            let of = |option: &str| line.contains(&format!("--{option}="));
            if of("client-id") || of("profile") || of("timeout") {
                assert!(
                    !line.contains("_files") && !line.contains("_default"),
                    "{line}"
                );
            }
            if of("client-secret-file") || of("key") {
                assert!(line.contains("_files"), "{line}");
            }
        }
    }
}
