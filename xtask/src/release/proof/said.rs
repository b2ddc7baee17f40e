//! What a command said, and what is expected of it. Where that is not so, the whole of it is shown.

use std::process::{Command, Stdio};

use crate::command;

/// A command that has ended.
#[derive(Debug)]
pub(super) struct Said {
    command: String,
    text: String,
    was_ok: bool,
}

impl Said {
    pub(super) fn by(command: &mut Command) -> Result<Said, String> {
        let shown = command::shown(command);
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{shown} could not be started: {error}"))?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok(Said {
            command: shown,
            text,
            was_ok: output.status.success(),
        })
    }

    pub(super) fn ok(self) -> Result<Said, String> {
        match self.was_ok {
            true => Ok(self),
            false => Err(self.but("was to succeed")),
        }
    }

    pub(super) fn fails(self) -> Result<Said, String> {
        match self.was_ok {
            true => Err(self.but("was to fail")),
            false => Ok(self),
        }
    }

    /// In one of its lines stand all of these words.
    pub(super) fn says(self, words: &[&str]) -> Result<Said, String> {
        match self.line_with(words) {
            Some(_) => Ok(self),
            None => Err(self.but(&format!("has no line with `{}`", words.join("` and `")))),
        }
    }

    pub(super) fn says_nothing_of(self, words: &[&str]) -> Result<Said, String> {
        match self.line_with(words) {
            None => Ok(self),
            Some(line) => Err(self.but(&format!("was not to say: {line}"))),
        }
    }

    fn line_with(&self, words: &[&str]) -> Option<String> {
        let mut lines = self.text.lines();
        lines
            .find(|line| words.iter().all(|word| line.contains(word)))
            .map(str::to_owned)
    }

    fn but(&self, what: &str) -> String {
        format!("{}\n{} {what}", self.text.trim_end(), self.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(words: &str) -> Said {
        Said::by(Command::new("echo").arg(words)).unwrap()
    }

    #[test]
    fn what_is_expected_stands_in_one_line() {
        let said = echo("a 0.1.0\nb 0.2.0").ok().unwrap();
        let said = said.says(&["a", "0.1.0"]).unwrap();
        let error = said.says(&["a", "0.2.0"]).unwrap_err();
        assert!(error.starts_with("a 0.1.0\nb 0.2.0\n"), "{error}");
        assert!(
            error.ends_with("has no line with `a` and `0.2.0`"),
            "{error}"
        );
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        assert!(echo("fine").fails().unwrap_err().contains("was to fail"));
        assert!(echo("fine").says_nothing_of(&["fine"]).is_err());
        let mut no = Command::new("cargo");
        let said = Said::by(no.arg("no-such-command")).unwrap();
        assert!(said.ok().unwrap_err().contains("was to succeed"));
    }
}
