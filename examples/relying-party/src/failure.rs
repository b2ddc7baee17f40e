//! Why a step did not go well, and how the program ends.

use std::error::Error as StdError;
use std::fmt::Display;

use hallpass_grant::{Error, ErrorKind, Violation};
use hallpass_oidc::Fault;

/// Why a step did not go well.
#[derive(Debug)]
pub(crate) struct Failure {
    blame: Blame,
    name: String,
    message: String,
}

/// Who is to blame, which is what the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blame {
    /// The peer broke a rule: it was rejected.
    Violation,
    /// The peer said no.
    Refusal,
    /// Whoever started the program, or the machine.
    Other,
}

impl Failure {
    /// What was given cannot be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Blame::Other, "usage", message)
    }

    /// A file, the machine, the network.
    pub(crate) fn of(what: impl Display, error: impl Display) -> Self {
        Self::new(Blame::Other, "failed", format!("{what}: {error}"))
    }

    /// Nobody came in the time there was.
    pub(crate) fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Blame::Other, "timed_out", message)
    }

    /// The peer broke a rule that this program itself watches.
    pub(crate) fn violation(name: &str, message: impl Into<String>) -> Self {
        Self::new(Blame::Violation, name, message)
    }

    /// The provider shows a page that leads nowhere.
    pub(crate) fn refused(name: &str, message: impl Into<String>) -> Self {
        Self::new(Blame::Refusal, name, message)
    }

    fn new(blame: Blame, name: &str, message: impl Into<String>) -> Self {
        Self {
            blame,
            name: name.to_owned(),
            message: message.into(),
        }
    }

    /// The stable name of what went wrong.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same in a sentence.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// How the step ended, for scripts.
    pub(crate) fn outcome(&self) -> &'static str {
        match self.blame {
            Blame::Violation => "rejected",
            Blame::Refusal => "refused",
            Blame::Other => "failed",
        }
    }

    /// How it ended, for people.
    pub(crate) fn blame(&self) -> &'static str {
        match self.blame {
            Blame::Violation => "rejected, because a rule was broken",
            Blame::Refusal => "the provider said no",
            Blame::Other => "this did not work",
        }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self.blame {
            Blame::Violation => 3,
            Blame::Refusal => 4,
            Blame::Other => 1,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = with_causes(&error);
        match error.kind() {
            ErrorKind::Violation(violation) => {
                let name = Fault::of(&error).map_or(name(violation), Fault::name);
                Self::violation(name, message)
            }
            ErrorKind::Refused(refused) => {
                let code = refused.code().map(|code| code.as_str().to_owned());
                let status = refused.status().map(|status| format!("http_{status}"));
                let name = code.or(status).unwrap_or_else(|| "refused".to_owned());
                Self::refused(&name, message)
            }
            ErrorKind::Misuse(_) => Self::usage(message),
            ErrorKind::Expired(_) => Self::timed_out(message),
            _ => Self::new(Blame::Other, "transport", message),
        }
    }
}

/// The rule by a name of its own, as faults have one.
fn name(violation: &Violation) -> &'static str {
    match violation {
        Violation::StateMismatch => "state",
        Violation::IssuerMismatch | Violation::MetadataIssuer => "issuer",
        Violation::WrongResponseMode(_) => "response_mode",
        Violation::NoResponse => "no_response",
        Violation::DuplicateParameter => "duplicate_parameter",
        Violation::Encoding => "encoding",
        Violation::TooLarge => "too_large",
        Violation::Malformed(_) => "malformed",
        Violation::PkceUnsupported => "pkce_unsupported",
        Violation::TokenType => "token_type",
        Violation::Downgrade => "downgrade",
        Violation::OtherSubject => "subject",
        Violation::ContentType => "content_type",
        Violation::Json(_) => "json",
        Violation::Metadata(_) => "metadata",
        Violation::OpenId(name) => name,
        _ => "violation",
    }
}

/// What an error says, and what is behind it where that says more.
fn with_causes(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use hallpass_grant::Misuse;

    use super::*;

    #[test]
    fn a_violation_exits_with_three_and_has_the_name_of_its_rule() {
        let failure = Failure::from(Error::from(Violation::MetadataIssuer));
        assert_eq!((failure.name(), failure.status()), ("issuer", 3));
        assert_eq!(failure.outcome(), "rejected");
        let failure = Failure::from(Error::from(Fault::Signature));
        assert_eq!((failure.name(), failure.status()), ("signature", 3));
    }

    #[test]
    fn what_the_caller_did_exits_with_one() {
        let failure = Failure::from(Error::from(Misuse::Missing("issuer")));
        assert_eq!((failure.name(), failure.status()), ("usage", 1));
    }
}
