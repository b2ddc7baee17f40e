//! Waiting for another holder's refresh.

use std::time::Duration;

use hallpass_store::Revision;

use crate::moment::Moment;
use crate::timing::LONGEST_LEASE;
use crate::windows::part;

/// A claim of another holder that is being watched: since when the record has been seen unchanged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    revision: Revision,
    first_seen: Moment,
    lease: Duration,
    looks: u32,
}

impl Watch {
    pub(crate) fn new(revision: Revision, lease: Duration, now: Moment) -> Self {
        Self {
            revision,
            first_seen: now,
            lease: lease.min(LONGEST_LEASE),
            looks: 0,
        }
    }

    /// The same watch if it is still the same writing, else one that begins now.
    pub(crate) fn of(
        watch: Option<Self>,
        revision: Revision,
        lease: Duration,
        now: Moment,
    ) -> Self {
        match watch {
            Some(watch) if watch.revision == revision => watch,
            _ => Self::new(revision, lease, now),
        }
    }

    /// Whether the claim has been seen for its whole lease, by the steady clock.
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        now.least_since(self.first_seen) >= self.lease
    }

    /// How long until the next look: 50 ms, twice as long each time, a second at most, and up to half as long again.
    pub(crate) fn pause(&mut self, jitter: f64) -> Duration {
        let doubled = Duration::from_millis(50).saturating_mul(1 << self.looks.min(10));
        self.looks = self.looks.saturating_add(1);
        let least = doubled.min(Duration::from_secs(1));
        least.saturating_add(part(least / 2, jitter))
    }
}
