//! How long a request may take, and so how long a claim lasts.

use std::time::Duration;

/// How long a request to the token endpoint may take in all, and how long the claim lasts that is made for it.
///
/// A claim lasts twice as long as a request may: it is long enough for the write that makes it, the request and a tenth more. All
/// programs that share a session may have different ones; each claim says its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    request: Duration,
}

impl Default for Timing {
    /// 15 seconds for a request, 30 for a claim.
    fn default() -> Self {
        Self {
            request: Duration::from_secs(15),
        }
    }
}

impl Timing {
    /// So long for a request; at least 10 milliseconds, at most five minutes.
    pub fn of_request(request: Duration) -> Self {
        let (least, most) = (Duration::from_millis(10), Duration::from_secs(300));
        Self {
            request: request.clamp(least, most),
        }
    }

    /// How long a request may take in all.
    pub fn request(self) -> Duration {
        self.request
    }

    /// How long a claim lasts.
    pub fn lease(self) -> Duration {
        self.request * 2
    }

    /// Whether a request may still be sent so long after the claim began: it has to be over before the lease is, with a tenth to spare.
    pub(crate) fn has_room(self, elapsed: Duration) -> bool {
        elapsed.saturating_add(self.request * 11 / 10) <= self.lease()
    }
}

/// What is believed of a claim's lease at most: a record that says more is wrong.
pub(crate) const LONGEST_LEASE: Duration = Duration::from_secs(600);
