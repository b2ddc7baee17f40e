//! Errors that say who is to blame and what to do next.

mod refused;
mod violation;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use refused::ErrorTexts;
pub use refused::{ErrorCode, Refused};
pub use violation::Violation;

/// Why a conversation, or the reading of a response, did not succeed.
///
/// One pointer wide, and shared by its clones: everybody who waited for the same answer can have it. Its texts, its Debug and its sources hold no secret, code, token or query string.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// Who is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller: what was asked for cannot be done as it was asked. Nothing was sent.
    Misuse(Misuse),
    /// The authorization server said no.
    Refused(Refused),
    /// The peer broke the protocol, or somebody is attacking.
    Violation(Violation),
    /// The network, or whatever else carries the conversation. What is stored is still good.
    Transport,
    /// The answer was lost after something that can be used only once may have been sent: a code or a
    /// refresh token that may now be spent.
    InDoubt,
    /// What was begun has taken longer than the server allows: begin it again.
    Expired(&'static str),
    /// The signer no longer has the key that the tokens are bound to (RFC 9449): without it they are worthless.
    KeyLost,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Try again later, if a time is given not before it has passed.
    Retry {
        /// How long the server asked to be left alone.
        after: Option<Duration>,
    },
    /// Ask the resource owner for consent again.
    Reauthorize,
    /// Change the program or its configuration: trying again gives the same answer.
    Fix,
    /// Give up, and tell somebody.
    Fail,
}

/// What the caller did that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// A required value is missing or empty.
    #[error("{0} is missing or empty: set it before this call")]
    Missing(&'static str),
    /// A value cannot be used.
    #[error("{field} cannot be used: {reason}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A parameter that this library sets itself was given as an additional one.
    #[error("the parameter `{0}` is set by this library and cannot be given by hand")]
    ReservedParameter(&'static str),
    /// The input answers nothing the conversation asked for; nothing has changed.
    #[error(
        "this input answers nothing that the conversation asked for: begin with `Begin`, then carry out its last step"
    )]
    UnexpectedInput,
    /// The conversation is over.
    #[error("this conversation is over: begin a new one")]
    Over,
    /// What was begun by one client is finished by another.
    #[error("this was begun by another client: finish it with the client that began it")]
    OtherClient,
    /// The random source the caller gave failed. There is no other.
    #[error("the random source failed, and there is no weaker one to fall back to")]
    Random,
    /// The signer has no key of the name it was given.
    #[error("the signer has no key of this name: give the driver a signer that has it")]
    UnknownSigningKey,
    /// The server takes pushed authorization requests alone (RFC 9126 §5).
    #[error("the server wants each authorization request pushed first: push it")]
    PushRequired,
    /// The signature is not in the form JWS wants (RFC 7518 §3).
    #[error(
        "the signer answered with a signature of the wrong length: JWS wants the raw form, not DER"
    )]
    SignatureForm,
}

impl Error {
    /// Who is to blame, and for what.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What to do next.
    pub fn recovery(&self) -> Recovery {
        match &self.0.kind {
            ErrorKind::Misuse(_) => Recovery::Fix,
            ErrorKind::Refused(refused) => refused.recovery(),
            ErrorKind::Violation(_) => Recovery::Fail,
            ErrorKind::Transport => Recovery::Retry { after: None },
            ErrorKind::InDoubt | ErrorKind::Expired(_) | ErrorKind::KeyLost => {
                Recovery::Reauthorize
            }
        }
    }

    /// What the authorization server said, if that is what this is.
    pub fn refused(&self) -> Option<&Refused> {
        match &self.0.kind {
            ErrorKind::Refused(refused) => Some(refused),
            _ => None,
        }
    }

    /// The error of whatever carried the conversation.
    pub fn transport(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::from(ErrorKind::Transport).with_source(source)
    }

    /// The same error with what caused it: a driver adds what its transport said.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::from(source.into()));
        self
    }
}

impl Error {
    /// The same error, with what may be behind it if the server does not know the client.
    pub(crate) fn with_client_hint(mut self, hint: &'static str) -> Self {
        if let ErrorKind::Refused(refused) = &mut Arc::make_mut(&mut self.0).kind {
            refused.add_client_hint(hint);
        }
        self
    }

    /// The same error, without texts that repeat a secret.
    pub(crate) fn withholding(
        mut self,
        sent: &ErrorTexts,
        is_secret: impl Fn(&str) -> bool,
    ) -> Self {
        if let ErrorKind::Refused(refused) = &mut Arc::make_mut(&mut self.0).kind {
            refused.withhold(sent, is_secret);
        }
        self
    }

    /// The same error, told that the grant it refuses is over.
    pub(crate) fn with_dead_grant(mut self, codes: &[std::borrow::Cow<'static, str>]) -> Self {
        if let ErrorKind::Refused(refused) = &mut Arc::make_mut(&mut self.0).kind {
            refused.end_grant(codes);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ErrorKind::Misuse(misuse) => misuse.fmt(f),
            ErrorKind::Refused(refused) => refused.fmt(f),
            ErrorKind::Violation(violation) => violation.fmt(f),
            ErrorKind::Transport => {
                f.write_str("the authorization server could not be talked to: try again")
            }
            ErrorKind::InDoubt => f.write_str(
                "the answer was lost after a code or refresh token may have been used: \
                 if it is refused from now on, ask for consent again",
            ),
            ErrorKind::Expired(what) => write!(f, "{what} has expired: begin again"),
            ErrorKind::KeyLost => f.write_str(
                "the signer has no key of the name that tokens are bound to: give the driver the signer that has it; \
                 if the key is gone, so are the tokens: make a new key and ask for consent again",
            ),
        }
    }
}

/// What a `main` that returns the error prints: who is to blame, the message, and every cause.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind.name())?;
        let mut cause = self.source();
        while let Some(source) = cause {
            write!(f, "; {source}")?;
            cause = source.source();
        }
        Ok(())
    }
}

impl ErrorKind {
    fn name(&self) -> &'static str {
        match self {
            Self::Misuse(_) => "Misuse",
            Self::Refused(_) => "Refused",
            Self::Violation(_) => "Violation",
            Self::Transport => "Transport",
            Self::InDoubt => "InDoubt",
            Self::Expired(_) => "Expired",
            Self::KeyLost => "KeyLost",
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Arc::new(Inner { kind, source: None }))
    }
}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        ErrorKind::Misuse(misuse).into()
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        ErrorKind::Refused(refused).into()
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        ErrorKind::Violation(violation).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_and_can_cross_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn every_kind_says_what_to_do() {
        let recovery = |kind: ErrorKind| Error::from(kind).recovery();
        assert_eq!(recovery(ErrorKind::Misuse(Misuse::Random)), Recovery::Fix);
        assert_eq!(
            recovery(ErrorKind::Violation(Violation::StateMismatch)),
            Recovery::Fail
        );
        assert_eq!(
            recovery(ErrorKind::Transport),
            Recovery::Retry { after: None }
        );
        for kind in [
            ErrorKind::InDoubt,
            ErrorKind::KeyLost,
            ErrorKind::Expired("the user code"),
        ] {
            assert_eq!(recovery(kind), Recovery::Reauthorize);
        }
    }

    #[test]
    fn the_source_is_kept_and_a_main_that_returns_the_error_prints_it() {
        let error = Error::transport("connection refused");
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
        assert_eq!(
            format!("{error:?}"),
            "Transport: the authorization server could not be talked to: try again; connection refused"
        );
    }
}
