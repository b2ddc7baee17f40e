//! What went wrong: what happened, who is to blame, what to do next, and how the program ends.

use std::error::Error;
use std::fmt;

use hallpass::store::{StoreError, StoreErrorKind};
use hallpass::{ErrorKind, Misuse, ProviderError, Recovery, SessionError, Violation};

use crate::exit::Exit;

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    exit: Exit,
    what: String,
    details: Vec<String>,
    next: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            exit,
            what: what.into(),
            details: Vec::new(),
            next: None,
        }))
    }

    /// The command line, the configuration or a file it names is wrong.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// The machine, or something that nobody could foresee.
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self::new(Exit::Failed, what)
    }

    /// With more to say.
    pub(crate) fn detail(mut self, line: impl Into<String>) -> Self {
        self.0.details.push(line.into());
        self
    }

    /// With what caused it, and what caused that.
    pub(crate) fn because(mut self, error: &dyn Error) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let line = error.to_string();
            // Some errors say in their own words what their source says.
            if !self
                .0
                .details
                .last()
                .is_some_and(|last| last.contains(&line))
            {
                self.0.details.push(line);
            }
            cause = error.source();
        }
        self
    }

    /// With what to do next.
    pub(crate) fn next(mut self, step: impl Into<String>) -> Self {
        self.0.next = Some(step.into());
        self
    }

    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    pub(crate) fn what(&self) -> &str {
        &self.0.what
    }

    pub(crate) fn details(&self) -> &[String] {
        &self.0.details
    }

    pub(crate) fn next_step(&self) -> Option<&str> {
        self.0.next.as_deref()
    }

    /// What a server said while somebody was logging in, or a session was got ready.
    fn provider(error: &ProviderError, exit: Exit) -> Self {
        let failure = Self::new(exit, what(error));
        match error.source() {
            Some(source) => failure.because(source),
            None => failure,
        }
    }
}

/// What the error is. Where the library says to programmers what to do, [`Failure::next`] says it to people.
fn what(error: &ProviderError) -> String {
    let what = match error.kind() {
        ErrorKind::Misuse(Misuse::Missing(what)) => return format!("the {what} is missing"),
        ErrorKind::KeyLost => "the key that the tokens are bound to is gone",
        ErrorKind::Violation(Violation::MetadataIssuer) => {
            "the metadata's issuer is not exactly the one it was asked from"
        }
        ErrorKind::Violation(Violation::IssuerMismatch) => {
            "the response names another authorization server than the one this login was begun with, or none though that one names itself"
        }
        ErrorKind::Violation(Violation::TokenType) => {
            "the token's type is missing or not the one that was asked for"
        }
        ErrorKind::Violation(Violation::ContentType) => {
            "the answer is not JSON: its content type says otherwise"
        }
        _ => return error.to_string(),
    };
    what.to_owned()
}

/// The line of the configuration that takes the server as it is, if there is one.
fn quirk(violation: &Violation) -> Option<&'static str> {
    match violation {
        Violation::MetadataIssuer | Violation::IssuerMismatch => {
            Some("issuer = \"trailing_slash\"")
        }
        Violation::TokenType => Some("token_type = \"optional\""),
        Violation::ContentType => Some("answer = \"json_or_form\""),
        Violation::NoAccessToken {
            setting: "token_parameter",
        } => Some("token_parameter = \"token_or_access_token\""),
        Violation::NoAccessToken {
            setting: "token_object",
        } => Some("token_object = \"NAME\""),
        _ => None,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)?;
        for line in self.0.details.iter().chain(&self.0.next) {
            write!(f, "; {line}")?;
        }
        Ok(())
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let again = "log in again: hallpass login";
        match error.kind() {
            ErrorKind::Misuse(misuse) => {
                let failure = Self::provider(&error, Exit::Usage);
                match missing(misuse) {
                    Some(next) => failure.next(next),
                    None => failure,
                }
            }
            ErrorKind::Refused(refused) => match error.recovery() {
                Recovery::Retry { after } => {
                    let after = after.or(refused.retry_after());
                    Self::provider(&error, Exit::TryLater).next(match after {
                        Some(after) => format!("try again in {} s", after.as_secs().max(1)),
                        None => "try again later".to_owned(),
                    })
                }
                Recovery::Reauthorize if refused.ends_grant() => {
                    Self::provider(&error, Exit::LoginAgain).next(again)
                }
                // Every hint is about a provider's profile.
                _ if refused.hint().is_some() => Self::provider(&error, Exit::Refused)
                    .next("what is called a profile there is written under [profile.NAME.quirks] in the configuration"),
                _ => Self::provider(&error, Exit::Refused),
            },
            ErrorKind::Transport => Self::provider(&error, Exit::TryLater),
            ErrorKind::InDoubt | ErrorKind::KeyLost => {
                Self::provider(&error, Exit::LoginAgain).next(again)
            }
            ErrorKind::Expired(_) => Self::provider(&error, Exit::TimedOut),
            // What the library calls a provider's profile is written there.
            ErrorKind::Violation(violation) if quirk(violation).is_some() => {
                let line = quirk(violation).unwrap_or_default();
                Self::provider(&error, Exit::Violation).next(format!(
                    "if that is how the server is, write `{line}` under [profile.NAME.quirks] in the configuration"
                ))
            }
            _ => Self::provider(&error, Exit::Violation)
                .next("tell the people who run the server; if you did not begin this yourself, somebody else may have"),
        }
    }
}

/// What to give where something is missing.
fn missing(misuse: &Misuse) -> Option<String> {
    let Misuse::Missing(what) = misuse else {
        return None;
    };
    Some(match *what {
        "client id" => "give the id the server knows this program by: --client-id ID".to_owned(),
        "client secret" => {
            "say where the secret is: --client-secret-file, --client-secret-stdin or --client-secret-env".to_owned()
        }
        "client secret or key" => {
            "say where it is: --client-secret-file, --client-secret-stdin, --client-secret-env, or --key for a key".to_owned()
        }
        "issuer" => "name the server: hallpass login ISSUER".to_owned(),
        endpoint if ENDPOINTS.contains(&endpoint) => format!(
            "the server names none: if it has one, give it with --{}",
            endpoint.replace(' ', "-")
        ),
        _ => return None,
    })
}

/// Those that can be given by hand.
const ENDPOINTS: [&str; 5] = [
    "authorization endpoint",
    "token endpoint",
    "device authorization endpoint",
    "revocation endpoint",
    "introspection endpoint",
];

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let said = |exit| {
            let failure = Self::new(exit, error.to_string());
            match error.source() {
                Some(source) => failure.because(source),
                None => failure,
            }
        };
        let again = "log in again: hallpass login";
        match &error {
            SessionError::Missing => {
                Self::new(Exit::NotLoggedIn, "nobody is logged in").next("hallpass login ISSUER")
            }
            SessionError::Ended { .. } => said(Exit::LoginAgain).next(again),
            SessionError::Provider(inner) if is_without_refresh_token(inner) => Self::new(
                Exit::LoginAgain,
                "the token has expired, and the server gave no refresh token",
            )
            .next(again),
            SessionError::Provider(inner) => match error.recovery() {
                Recovery::Reauthorize => said(Exit::LoginAgain).next(again),
                // Here an answer that was lost is asked for again.
                Recovery::Retry { .. } if matches!(inner.kind(), ErrorKind::InDoubt) => {
                    said(Exit::TryLater)
                }
                _ => inner.clone().into(),
            },
            SessionError::NotBefore { .. } => said(Exit::TryLater),
            SessionError::Store(inner) => inner.clone().into(),
            SessionError::Record(_) => said(Exit::Store),
            _ => said(Exit::Failed),
        }
    }
}

fn is_without_refresh_token(error: &ProviderError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Misuse(Misuse::Missing("refresh token"))
    )
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(Exit::Store, error.to_string());
        let failure = match error.source() {
            Some(source) => failure.because(source),
            None => failure,
        };
        match error.kind() {
            StoreErrorKind::Corrupt => failure.next("log in again: hallpass login"),
            _ => failure,
        }
    }
}
