//! What a transaction's own request has come to.

use std::time::Duration;

use hallpass_grant::token::TokenSet;
use hallpass_grant::{Error, ErrorKind, Recovery, Refused};

use crate::SessionError;

/// What a transaction's own request has come to, so far.
#[derive(Debug)]
pub(super) enum Verdict {
    /// None was sent, or what was sent spent nothing.
    Unsent,
    /// It gave tokens.
    Got(Box<TokenSet>),
    /// The server says that the refresh token is dead.
    Dead(Error),
    /// It failed.
    Failed(Failure),
}

/// Why a request gave no tokens, and what follows.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) error: SessionError,
    /// Whether the server may have taken the refresh token.
    pub(super) in_doubt: bool,
    /// How long the server asked to be left alone; `None`: trying again helps only when something has been mended.
    pub(super) retry: Option<Option<Duration>>,
}

impl Verdict {
    /// What an error says of the refresh token that was sent.
    pub(super) fn of(error: Error) -> Self {
        let ends = |refused: &Refused| {
            refused.ends_grant() && !matches!(refused.status(), Some(429 | 500..))
        };
        if error.refused().is_some_and(ends) {
            return Self::Dead(error);
        }
        let in_doubt = match error.kind() {
            ErrorKind::InDoubt | ErrorKind::Violation(_) => true,
            ErrorKind::Refused(refused) => match (refused.code(), refused.status()) {
                (_, Some(500..)) => true,
                (Some(_), _) => false,
                (None, status) => !matches!(status, Some(400..)),
            },
            _ => false,
        };
        let retry = match (error.kind(), error.recovery()) {
            (_, Recovery::Retry { after }) => Some(after),
            (ErrorKind::InDoubt, _) => Some(None),
            (_, _) => None,
        };
        Self::Failed(Failure {
            error: error.into(),
            in_doubt,
            retry,
        })
    }
}
