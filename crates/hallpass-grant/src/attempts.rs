//! How often something is asked for that changes nothing at the server.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::{Error, Recovery};

/// Attempts at something that may be asked for again: three, after 1 and 2 seconds or what `Retry-After` says (RFC 9110 §10.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attempts(u32);

const MOST: u32 = 3;

impl Attempts {
    /// None was made yet.
    pub const NONE: Self = Self(0);

    /// One more is made.
    pub fn count(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    /// When the next may be made after this one has failed, UTC. `None` where it would fail as well, where there were enough, or where the
    /// server asks for a longer pause than `longest`.
    pub fn next(self, error: &Error, longest: Duration, now: UtcDateTime) -> Option<UtcDateTime> {
        let Recovery::Retry { after } = error.recovery() else {
            return None;
        };
        let pause = after.unwrap_or(Duration::from_secs(self.0.into()));
        if self.0 >= MOST || pause > longest {
            return None;
        }
        now.checked_add(time::Duration::try_from(pause).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Response, Violation};

    #[test]
    fn there_are_three_attempts_with_pauses_that_grow_or_are_the_servers() {
        let (now, minute) = (UtcDateTime::UNIX_EPOCH, Duration::from_secs(60));
        let pauses = |error: &Error| {
            let mut attempts = Attempts::NONE;
            let pause = |attempts: Attempts| attempts.next(error, minute, now);
            [(); 3].map(|()| {
                attempts.count();
                pause(attempts).map(|at| (at - now).whole_seconds())
            })
        };
        assert_eq!(
            pauses(&ErrorKind::Transport.into()),
            [Some(1), Some(2), None]
        );
        assert_eq!(pauses(&Violation::NoResponse.into()), [None; 3]);
        let busy = |after: &str| {
            let response = Response::new(503).with_header("retry-after", after);
            response.success().unwrap_err()
        };
        assert_eq!(pauses(&busy("60")), [Some(60), Some(60), None]);
        assert_eq!(pauses(&busy("61")), [None; 3]);
    }
}
