//! What happened to a session, and why.

use std::time::Duration;

/// What happened in a transaction, and why: for logs and for tests. It holds no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A refresh was claimed in the store, so that nobody else begins one.
    Claimed,
    /// The claim of a holder that crashed or was stopped was taken over: the session is in doubt.
    TakenOver,
    /// The claim was renewed, because too little of its lease was left for a request.
    ClaimRenewed,
    /// Another holder refreshes, and is being watched.
    Watching,
    /// A request was sent to the token endpoint.
    Sent,
    /// New tokens came.
    Obtained,
    /// New tokens were saved.
    Saved,
    /// New tokens could not be saved: they are used, and the write is tried again.
    NotSaved,
    /// What is stored is used: it is good, or another holder has refreshed it.
    Found,
    /// The session was put in doubt: a refresh token may have been used twice.
    DoubtMarked,
    /// The request failed, and the server is left alone for so long.
    Failed {
        /// How long.
        pause: Duration,
        /// Whether the refresh token may be spent.
        in_doubt: bool,
    },
    /// The authorization server refused the refresh token, and the session is over.
    Ended {
        /// Whether the token may have been used twice.
        in_doubt: bool,
    },
    /// The session was ended or begun anew while a refresh was under way: what it gave was dropped.
    Dropped,
    /// A refresh token was revoked at the authorization server.
    Revoked,
    /// A refresh token could not be revoked.
    NotRevoked,
    /// A login was saved.
    LoggedIn,
    /// The session was removed from the store.
    LoggedOut,
}

#[cfg(feature = "tracing")]
impl Event {
    /// As an event of the target `hallpass_session`: what somebody has to look at as a warning, the rest for debugging.
    pub(crate) fn trace(self) {
        match self {
            Self::TakenOver
            | Self::NotSaved
            | Self::DoubtMarked
            | Self::NotRevoked
            | Self::Failed { .. }
            | Self::Ended { .. } => tracing::warn!(event = ?self, "session"),
            _ => tracing::debug!(event = ?self, "session"),
        }
    }
}
