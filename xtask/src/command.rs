//! Running another program, and saying which one it was when it fails.

use std::fmt::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs it with its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{} could not be started: {error}", shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed ({status})", shown(command)))
    }
}

/// Runs it with its output kept: returned on success, part of the error on failure.
pub(crate) fn run_quietly(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} could not be started: {error}", shown(command)))?;
    let text = both(&output);
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!(
            "{text}\n{} failed ({})",
            shown(command),
            output.status
        ))
    }
}

/// What `program --version` says on its first line, if there is such a program.
pub(crate) fn version(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    output
        .status
        .success()
        .then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program);
    let mut line = format!("`{name}");
    for argument in command.get_args() {
        let _ = write!(line, " {}", argument.to_string_lossy());
    }
    line.push('`');
    line
}

fn both(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_keeps_its_output() {
        let mut command = Command::new("cargo");
        let error = run_quietly(command.arg("no-such-command")).unwrap_err();
        assert!(error.contains("`cargo no-such-command` failed"), "{error}");
        assert!(error.contains("no such command"), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_has_no_version() {
        assert_eq!(version("hallpass-has-no-such-program"), None);
        assert!(version("cargo").unwrap().starts_with("cargo "));
    }
}
