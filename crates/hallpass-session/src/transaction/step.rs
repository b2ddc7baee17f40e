//! What a transaction says, and what it is told.

use std::time::Duration;

use hallpass_grant::token::TokenSet;
use hallpass_grant::{Request, SigningInput};
use hallpass_http::Heard;
use hallpass_store::{Entry, Revision, StoreError, SwapError};

use crate::{Record, SessionError};

/// What to do next.
#[must_use = "a transaction goes on only if its step is carried out"]
#[derive(Debug)]
pub enum Step {
    /// Load what is stored and come back with [`Input::Loaded`].
    Load,
    /// Swap, and come back with [`Input::Swapped`].
    Swap {
        /// The revision that has to be there.
        expected: Option<Revision>,
        /// What is to be there afterwards.
        new: Option<Entry>,
    },
    /// Send this request once, give up on it after the [`Timing`](crate::Timing)'s request time, and come back with [`Input::Heard`].
    Send(Request),
    /// Sign this and come back with [`Input::Heard`].
    Sign(SigningInput),
    /// Ask the application's own provider, which may look at the last tokens, and come back with [`Input::Provided`].
    Provide(Option<TokenSet>),
    /// Come back with [`Input::Woken`] after so long, not before, or with [`Input::Heard`] if that is what was being waited for.
    Wait(Duration),
    /// Tell everybody who waits, and come back with [`Input::Told`]: there are tokens, they could not be saved, and the transaction goes on
    /// trying to.
    Tell(Outcome),
    /// The transaction is over.
    Done(Outcome),
}

/// What happened since the last step.
#[derive(Debug)]
pub enum Input {
    /// Nothing yet.
    Begin,
    /// The answer to [`Step::Load`].
    Loaded(Result<Option<Entry>, StoreError>),
    /// The answer to [`Step::Swap`].
    Swapped(Result<(), SwapError>),
    /// The answer to [`Step::Send`] or [`Step::Sign`].
    Heard(Heard),
    /// The answer to [`Step::Provide`]; `None`: there are no tokens to be had.
    Provided(Result<Option<TokenSet>, hallpass_grant::Error>),
    /// The time of [`Step::Wait`] has passed.
    Woken,
    /// [`Step::Tell`] was carried out.
    Told,
}

/// What came of a transaction.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Tokens to be used.
    Tokens {
        /// The tokens, and when they came.
        record: Box<Record>,
        /// Whether this transaction got them from the server, and has not told so yet.
        obtained: bool,
        /// Why they could not be saved, if they could not.
        unsaved: Option<SessionError>,
    },
    /// Nothing is stored any more.
    Gone,
    /// There are no new tokens.
    Failed {
        /// Why.
        error: SessionError,
        /// What is stored, which may still be good.
        held: Option<Box<Record>>,
        /// How long not to try again.
        pause: Duration,
    },
}

impl Outcome {
    pub(super) fn found(record: Record) -> Self {
        Self::Tokens {
            record: Box::new(record),
            obtained: false,
            unsaved: None,
        }
    }
}
