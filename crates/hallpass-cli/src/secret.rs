//! Where a secret comes from: a file, standard input or the environment, and never the command line.

use std::env;
use std::ffi::OsString;
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
}

/// Tells who writes a secret on the command line that everybody on this machine can read it. The option is none, so that nothing proposes it.
pub(crate) fn not_on_the_command_line(arguments: &[OsString]) -> Result<(), Failure> {
    let own = arguments.iter().skip(1).take_while(|own| *own != "--");
    let mut texts = own.filter_map(|own| own.to_str());
    match texts.any(|own| own == "--client-secret" || own.starts_with("--client-secret=")) {
        false => Ok(()),
        true => Err(Failure::usage(
            "a secret on the command line can be read by every user of this machine, and stays in your shell's history",
        )
        .next("use --client-secret-file FILE, --client-secret-stdin or --client-secret-env VARIABLE, and have the secret changed if it was a real one")),
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
    pub(crate) fn source(&self) -> Option<SecretSource> {
        match self {
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
        }
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
    fn what_stands_on_the_command_line_is_refused_without_being_told() {
        let read = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            not_on_the_command_line(&words)
        };
        for words in [
            &["hallpass", "login", "--client-secret", "canary"][..],
            &["hallpass", "token", "--client-secret=canary"],
        ] {
            let told = read(words).unwrap_err().to_string();
            assert!(told.contains("every user of this machine"), "{told}");
            assert!(!told.contains("canary"));
        }
        assert!(read(&["hallpass", "login", "--client-secret-file", "f"]).is_ok());
        assert!(read(&["hallpass", "run", "--", "x", "--client-secret", "y"]).is_ok());
    }
}
