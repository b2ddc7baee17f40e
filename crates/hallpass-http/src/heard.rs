//! What came of one step of a conversation.

use std::error::Error as StdError;

use hallpass_grant::{Error, ErrorKind, Input, Lost, Misuse, Response, Signature};

use crate::{SignError, TransportError};

/// What came of one step: what the conversation is told, and what has failed, if something has.
///
/// A driver needs it only where a conversation is a part of something larger, as in a session's refresh.
/// Everybody else calls [`drive`](crate::drive).
#[derive(Debug)]
pub struct Heard {
    input: Input,
    failure: Option<Box<dyn StdError + Send + Sync>>,
}

impl Heard {
    /// Nothing yet: the conversation begins.
    pub fn nothing() -> Self {
        Self::input(Input::Begin)
    }

    /// What came of sending a request.
    pub fn answer(outcome: Result<Response, TransportError>) -> Self {
        match outcome {
            Ok(response) => Self::input(Input::Response(response)),
            Err(error) => Self::failed(Input::Lost(error.lost()), error),
        }
    }

    /// No answer came in the time there was.
    pub fn late(failure: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::failed(Input::Lost(Lost::MaybeSent), failure)
    }

    /// What came of asking for a signature.
    pub fn signature(outcome: Result<Signature, SignError>) -> Self {
        match outcome {
            Ok(signature) => Self::input(Input::Signature(signature)),
            Err(error) => Self::failed(Input::NotSigned(error.reason()), error),
        }
    }

    /// The time that was waited for has come.
    pub fn woken() -> Self {
        Self::input(Input::Woken)
    }

    /// Tells it to a conversation. The error that this makes has what failed as its source, where that is why.
    ///
    /// # Errors
    /// The conversation's own.
    pub fn told<T>(self, step: impl FnOnce(Input) -> Result<T, Error>) -> Result<T, Error> {
        step(self.input).map_err(|error| match (error.kind(), self.failure) {
            (
                ErrorKind::Transport
                | ErrorKind::InDoubt
                | ErrorKind::Expired(_)
                | ErrorKind::KeyLost
                | ErrorKind::Misuse(Misuse::UnknownSigningKey),
                Some(failure),
            ) => error.with_source(failure),
            (_, _) => error,
        })
    }

    fn input(input: Input) -> Self {
        Self {
            input,
            failure: None,
        }
    }

    fn failed(input: Input, failure: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            input,
            failure: Some(failure.into()),
        }
    }
}
