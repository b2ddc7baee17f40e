//! A login between sending the user agent away and its coming back.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::{Begun, Callback, Pending, ResponseMode};
use hallpass_token::Secret;

use crate::ResponseType;
use crate::asked::Asked;

/// A login that was begun: OAuth's [`Pending`], and what was asked for.
///
/// A plain value that serialises: store it where only the user agent that began the login can bring it back. There is no way to claims
/// or tokens but [`RelyingParty::receive`](crate::RelyingParty::receive), which takes it.
///
/// Take it out of the store when the user agent comes back. A code is good once at the provider, but an ID token in the redirect is not
/// asked about there: a response with one and without a code is good as often as its login is brought back, until the token ends.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "R: ResponseType")]
pub struct Login<R> {
    pub(crate) pending: Pending<R>,
    pub(crate) asked: Asked,
}

impl<R: ResponseType> Login<R> {
    /// Whether this callback answers this login: compares `state` alone and takes nothing, as [`Pending::expects`] does.
    pub fn expects(&self, callback: &Callback<'_>) -> bool {
        self.pending.expects(callback)
    }

    /// The state this login was begun with: a name to store it under.
    pub fn state(&self) -> &Secret {
        self.pending.state()
    }

    /// The part of the redirect that the response must be in.
    pub fn response_mode(&self) -> ResponseMode {
        self.pending.response_mode()
    }

    /// When it was begun, UTC, to the second.
    pub fn began(&self) -> UtcDateTime {
        self.pending.began()
    }
}

impl<R: ResponseType> Begun for Login<R> {
    fn expects(&self, callback: &Callback<'_>) -> bool {
        self.expects(callback)
    }

    fn response_mode(&self) -> ResponseMode {
        self.response_mode()
    }
}

/// Shows no state, no verifier and no nonce.
impl<R: ResponseType> fmt::Debug for Login<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
