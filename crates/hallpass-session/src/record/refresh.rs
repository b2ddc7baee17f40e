//! How the refresh of a session stands.

use std::time::Duration;

use time::UtcDateTime;

/// How the refresh of a session stands, for every holder to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refresh {
    /// Nothing is under way.
    Idle,
    /// Somebody refreshes. The others watch: whoever has seen the record unchanged for the whole lease, by a steady clock, may take over.
    Claimed {
        /// Names the holder's transaction: a random number, no secret.
        holder: u128,
        /// When the claim was made, by its holder's wall clock (UTC, whole seconds): for people to read. No decision rests on it.
        at: UtcDateTime,
        /// How long the claim lasts.
        lease: Duration,
    },
    /// A refresh failed, and the server is left alone for a while.
    Failed {
        /// When it failed, by its holder's wall clock (UTC, whole seconds).
        at: UtcDateTime,
        /// How long to leave the server alone.
        pause: Duration,
    },
    /// The session is over: the refresh token is dead.
    Ended(End),
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// The authorization server refused the refresh token, and nothing that happened here can be why: consent was withdrawn, or ran out.
    Refused,
    /// The authorization server refused the refresh token after a holder crashed, was stopped, or lost an answer: the token may have been
    /// used twice, which the server takes for theft.
    InDoubt,
}

impl Refresh {
    /// How much of a failure's pause is left: never more than the whole of it, and nothing where the clocks lie so far apart that nobody
    /// can tell how long ago the failure was.
    pub(crate) fn pause_left(&self, now: UtcDateTime) -> Duration {
        match *self {
            Self::Failed { at, pause } => match Duration::try_from(now - at) {
                Ok(passed) => pause.saturating_sub(passed),
                Err(_) if at - now <= MOST_SKEW => pause,
                Err(_) => Duration::ZERO,
            },
            Self::Idle | Self::Claimed { .. } | Self::Ended(_) => Duration::ZERO,
        }
    }
}

const MOST_SKEW: time::Duration = time::Duration::minutes(5);
