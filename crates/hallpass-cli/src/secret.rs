//! Where a secret comes from: a file, standard input or the environment, and never the command line.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use hallpass::Secret;
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// Where the client's secret comes from.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "The client's secret")]
pub(crate) struct SecretOptions {
    /// Read the secret from this file, now and whenever it is needed
    #[arg(long, value_name = "FILE", group = "secret")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Read the secret from standard input, this time
    #[arg(long, group = "secret")]
    pub(crate) client_secret_stdin: bool,
    /// Read the secret from this environment variable, now and whenever it is needed
    #[arg(long, value_name = "VARIABLE", group = "secret")]
    pub(crate) client_secret_env: Option<String>,
    /// Nobody's option: what it says is told to those who look for it.
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    #[serde(skip)]
    client_secret: Option<OnTheCommandLine>,
}

/// A secret that everybody on this machine could read. It is not kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OnTheCommandLine;

impl From<String> for OnTheCommandLine {
    fn from(_: String) -> Self {
        Self
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    File(PathBuf),
    Stdin,
    Environment(String),
}

impl SecretOptions {
    pub(crate) fn or(self, others: Self) -> Self {
        match self == Self::default() {
            true => others,
            false => self,
        }
    }

    /// Where the secret comes from. `None`: nobody has said, so there is none.
    ///
    /// # Errors
    /// When it stands on the command line.
    pub(crate) fn source(&self) -> Result<Option<SecretSource>, Failure> {
        if self.client_secret.is_some() {
            return Err(Failure::usage(
                "a secret on the command line can be read by every user of this machine, and stays in your shell's history",
            )
            .next("use --client-secret-file FILE, --client-secret-stdin or --client-secret-env VARIABLE, and have the secret changed if it was a real one"));
        }
        Ok(match self {
            Self {
                client_secret_stdin: true,
                ..
            } => Some(SecretSource::Stdin),
            Self {
                client_secret_file: Some(path),
                ..
            } => Some(SecretSource::File(path.clone())),
            Self {
                client_secret_env: Some(name),
                ..
            } => Some(SecretSource::Environment(name.clone())),
            _ => None,
        })
    }
}

/// More than any secret has; what is longer is something else.
const LONGEST: u64 = 64 * 1024;

impl SecretSource {
    /// Reads it; one line break at the end is not a part of it.
    pub(crate) fn read(&self) -> Result<Secret, Failure> {
        let text = match self {
            Self::File(path) => file(path)?,
            Self::Stdin => {
                let read = text(io::stdin().lock());
                read.map_err(|error| {
                    Failure::usage("no secret could be read from standard input").because(&error)
                })?
            }
            Self::Environment(name) => env::var(name).map_err(|error| {
                let why = match error {
                    env::VarError::NotPresent => "is not set",
                    env::VarError::NotUnicode(_) => "is not UTF-8",
                };
                Failure::usage(format!("the environment variable {name}, where the client's secret is to be, {why}"))
                    .next("set it, or say where the secret is: --client-secret-file, --client-secret-stdin, --client-secret-env")
            })?,
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        match text.is_empty() {
            true => Err(Failure::usage(format!("the secret in {self} is empty"))),
            false => Ok(Secret::new(text)),
        }
    }
}

impl std::fmt::Display for SecretSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
        }
    }
}

/// The text of a file that a secret is in.
pub(crate) fn file(path: &Path) -> Result<String, Failure> {
    let read = File::open(path).and_then(text);
    read.map_err(|error| {
        Failure::usage(format!("{} cannot be read", path.display())).because(&error)
    })
}

/// A text with a secret in it.
pub(crate) fn text(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(LONGEST + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LONGEST {
        true => Err(io::Error::other("it is longer than any secret")),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_no_part_of_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (text, secret) in [
            ("s", "s"),
            ("s\n", "s"),
            ("s\r\n", "s"),
            (" s \n\n", " s \n"),
        ] {
            std::fs::write(&path, text).unwrap();
            let read = SecretSource::File(path.clone()).read().unwrap();
            assert_eq!(read.expose_secret(), secret);
        }
        for text in ["", "\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(SecretSource::File(path.clone()).read().is_err());
        }
    }

    #[test]
    fn a_file_that_is_no_secret_is_not_read_to_its_end() {
        assert!(text(io::repeat(b'x')).is_err());
    }

    #[test]
    fn what_stands_on_the_command_line_is_kept_nowhere() {
        let options = SecretOptions {
            client_secret: Some(OnTheCommandLine::from("canary".to_owned())),
            ..SecretOptions::default()
        };
        assert!(!format!("{options:?}").contains("canary"));
        let told = options.source().unwrap_err().to_string();
        assert!(told.contains("every user of this machine"), "{told}");
    }
}
