//! Why a session has no token to give.

use std::time::Duration;

use hallpass_grant::{ErrorKind, Misuse, Recovery};
use hallpass_store::{StoreError, StoreErrorKind};

use crate::{End, RecordError};

/// Why a session has no token to give. Everybody who waited for the same refresh gets the same.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Nothing is stored: nobody has logged in, or the session was ended elsewhere.
    #[error("there is no session under this key: ask for consent")]
    Missing,
    /// The session is over: its refresh token is dead. The source is what the authorization server said, where this holder asked.
    #[error("{}", ended(*.how))]
    Ended {
        /// How it ended.
        how: End,
        /// What the authorization server said. `None`: it said it to another holder.
        #[source]
        source: Option<hallpass_grant::Error>,
    },
    /// The authorization server, or what lies on the way to it.
    #[error(transparent)]
    Provider(#[from] hallpass_grant::Error),
    /// A request failed a moment ago, and the authorization server is left alone for so long.
    #[error("the authorization server failed a moment ago: try again in {} s", .after.as_secs().max(1))]
    NotBefore {
        /// How long.
        after: Duration,
    },
    /// The store cannot tell what it has.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored is not a session of this client.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The async runtime was shut down before the answer came.
    #[error(
        "the async runtime was shut down while a token was being got: wait for `Session::settled` before"
    )]
    Abandoned,
}

impl SessionError {
    /// What to do next.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::Missing | Self::Ended { .. } => Recovery::Reauthorize,
            Self::Provider(error) => match error.kind() {
                // The refresh token may still be good: the session tries it again.
                ErrorKind::InDoubt => Recovery::Retry { after: None },
                // What has expired cannot be refreshed.
                ErrorKind::Misuse(Misuse::Missing("refresh token")) => Recovery::Reauthorize,
                _ => error.recovery(),
            },
            Self::NotBefore { after } => Recovery::Retry {
                after: Some(*after),
            },
            Self::Store(error) => match error.kind() {
                StoreErrorKind::Unavailable | StoreErrorKind::Busy => {
                    Recovery::Retry { after: None }
                }
                _ => Recovery::Fix,
            },
            Self::Record(_) | Self::Abandoned => Recovery::Fix,
        }
    }
}

fn ended(how: End) -> &'static str {
    match how {
        End::Refused => {
            "the session is over: the authorization server no longer takes its refresh token: ask for consent again"
        }
        End::InDoubt => {
            "the session is over: the authorization server no longer takes its refresh token, which may have been used twice after \
             a crash or a lost answer: ask for consent again"
        }
    }
}

#[cfg(test)]
mod tests {
    use hallpass_grant::Error;

    use super::*;

    #[test]
    fn every_failure_says_what_to_do_next() {
        let (soon, later) = (Recovery::Retry { after: None }, Duration::from_secs(7));
        let store = |kind| SessionError::from(StoreError::new(kind, "the disk"));
        let ended = |how| SessionError::Ended { how, source: None };
        for (error, expected) in [
            (SessionError::Missing, Recovery::Reauthorize),
            (ended(End::Refused), Recovery::Reauthorize),
            (ended(End::InDoubt), Recovery::Reauthorize),
            (Error::from(ErrorKind::InDoubt).into(), soon),
            (Error::transport("no route").into(), soon),
            (
                Error::from(Misuse::Missing("refresh token")).into(),
                Recovery::Reauthorize,
            ),
            (
                Error::from(Misuse::Missing("client secret")).into(),
                Recovery::Fix,
            ),
            (
                SessionError::NotBefore { after: later },
                Recovery::Retry { after: Some(later) },
            ),
            (store(StoreErrorKind::Busy), soon),
            (store(StoreErrorKind::Unavailable), soon),
            (store(StoreErrorKind::Refused), Recovery::Fix),
            (RecordError::OtherClient.into(), Recovery::Fix),
            (SessionError::Abandoned, Recovery::Fix),
        ] {
            assert_eq!(error.recovery(), expected, "{error}");
        }
    }
}
