//! A provider's keys and how long they are believed, as pure data: time is an argument, and nothing is fetched here.
//!
//! Fetches are numbered. Keys of an older one never take the place of newer ones, so that a late answer cannot bring a withdrawn key
//! back.

use std::sync::Arc;
use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::Error;
use hallpass_jose::JwkSet;

/// How long a provider's keys are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyLimits {
    /// The least time that keys are kept, whatever the provider says. One minute.
    pub least: Duration,
    /// The most: a key that was withdrawn is distrusted after that at the latest. One day.
    pub most: Duration,
    /// For how long where the provider does not say. Ten minutes.
    pub unsaid: Duration,
    /// How far apart fetches are that were for nothing: for a token that names no key of the provider's, or from a server that does not
    /// answer. Ten seconds.
    pub cool_down: Duration,
    /// For how long keys are used after their end when no newer ones can be had. One hour.
    pub outage: Duration,
}

impl Default for KeyLimits {
    fn default() -> Self {
        Self {
            least: Duration::from_secs(60),
            most: Duration::from_secs(24 * 60 * 60),
            unsaid: Duration::from_secs(10 * 60),
            cool_down: Duration::from_secs(10),
            outage: Duration::from_secs(60 * 60),
        }
    }
}

/// The keys of one provider.
#[derive(Debug, Default)]
pub(crate) struct KeyCache {
    limits: KeyLimits,
    held: Option<Held>,
    flight: Option<Flight>,
    /// The number of the newest fetch.
    begun: u64,
    /// The newest fetch that failed.
    failed: Option<Failure>,
    /// When keys were last fetched for a token that the held ones do not verify, and in vain.
    refetched: Option<UtcDateTime>,
    /// Whether the keys were handed over by other means, and there are no others.
    are_given: bool,
}

#[derive(Debug)]
struct Held {
    keys: Keys,
    fetched_at: UtcDateTime,
    fresh_until: UtcDateTime,
}

/// A fetch under way. Whoever began it may be gone.
#[derive(Debug)]
struct Flight {
    fetch: u64,
    began: UtcDateTime,
}

#[derive(Debug)]
struct Failure {
    fetch: u64,
    at: UtcDateTime,
    error: Error,
}

/// Keys, and the number of the fetch that brought them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keys {
    pub(crate) set: Arc<JwkSet>,
    pub(crate) fetch: u64,
}

/// What to do for a token that is to be verified.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Use(Keys),
    /// Fetch them, and tell what came of it under this number.
    Fetch(u64),
    /// Somebody fetches them: look again at this time whether that one has.
    Wait(u64, UtcDateTime),
    /// There are none, and they were asked for a moment ago: [`KeyCache::failure`] is what came of it.
    Failed,
    /// There are no newer ones, or they were asked for a moment ago, and for nothing.
    TooSoon,
}

/// How often those who wait look.
const LOOK_AGAIN: time::Duration = time::Duration::milliseconds(100);
/// After this time a fetch is taken for lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// How far a clock may step back before what it said is not believed any more.
const STEP_BACK: Duration = Duration::from_secs(60);

impl KeyCache {
    pub(crate) fn new(limits: KeyLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Keys that never change.
    pub(crate) fn given(set: JwkSet) -> Self {
        let held = Held {
            keys: Keys {
                set: Arc::new(set),
                fetch: 0,
            },
            fetched_at: UtcDateTime::MIN,
            fresh_until: UtcDateTime::MAX,
        };
        Self {
            held: Some(held),
            are_given: true,
            ..Self::default()
        }
    }

    /// Keys for any token.
    pub(crate) fn ask(&mut self, now: UtcDateTime) -> Answer {
        let rests = |failed: &Failure| is_within(now, failed.at, self.limits.cool_down);
        let is_resting = self.failed.as_ref().is_some_and(rests);
        if let Some(held) = &self.held
            && (held.is_fresh(now) || is_resting && self.usable(now).is_some())
        {
            return Answer::Use(held.keys.clone());
        }
        match self.waiting(now) {
            Some(wait) => wait,
            None if is_resting => Answer::Failed,
            None => self.begin(now),
        }
    }

    /// Newer keys, for a token that those of a fetch do not verify.
    pub(crate) fn ask_newer(&mut self, than: u64, now: UtcDateTime) -> Answer {
        if let Some(held) = self.held.as_ref().filter(|held| held.keys.fetch > than) {
            return Answer::Use(held.keys.clone());
        }
        if let Some(wait) = self.waiting(now) {
            return wait;
        }
        let rests = |at| is_within(now, at, self.limits.cool_down);
        if self.are_given || self.refetched.is_some_and(rests) {
            return Answer::TooSoon;
        }
        self.refetched = Some(now);
        self.begin(now)
    }

    /// A fetch has brought keys; `max_age` is what the provider says of their time. Gives the newest ones there are.
    pub(crate) fn put(
        &mut self,
        fetch: u64,
        set: JwkSet,
        max_age: Option<Duration>,
        now: UtcDateTime,
    ) -> Keys {
        self.land(fetch);
        let keys = Keys {
            set: Arc::new(set),
            fetch,
        };
        let limits = &self.limits;
        let lifetime = max_age.unwrap_or(limits.unsaid);
        let lifetime = lifetime.min(limits.most).max(limits.least);
        if let Some(held) = self.held.as_ref().filter(|held| held.keys.fetch > fetch) {
            return held.keys.clone();
        }
        self.held = Some(Held {
            keys: keys.clone(),
            fetched_at: now,
            fresh_until: after(now, lifetime),
        });
        keys
    }

    /// A fetch has failed.
    pub(crate) fn fail(&mut self, fetch: u64, error: Error, now: UtcDateTime) {
        self.land(fetch);
        let is_newest = self.failed.as_ref().is_none_or(|old| old.fetch <= fetch);
        if is_newest {
            let at = now;
            self.failed = Some(Failure { fetch, at, error });
        }
    }

    /// Nobody carries this fetch on.
    pub(crate) fn land(&mut self, fetch: u64) {
        if self
            .flight
            .as_ref()
            .is_some_and(|flight| flight.fetch == fetch)
        {
            self.flight = None;
        }
    }

    /// Why this fetch, or one after it, has failed.
    pub(crate) fn failure(&self, fetch: u64) -> Option<Error> {
        let failed = self.failed.as_ref()?;
        (failed.fetch >= fetch).then(|| failed.error.clone())
    }

    /// What may be used though newer keys could not be had.
    pub(crate) fn usable(&self, now: UtcDateTime) -> Option<Keys> {
        let held = self.held.as_ref()?;
        let ends = after(held.fresh_until, self.limits.outage);
        let is_usable = now < ends && held.is_believed(now);
        is_usable.then(|| held.keys.clone())
    }

    /// The fetch for a token has brought the key that was missing: it was not for nothing, and the next may follow at once.
    pub(crate) fn was_worth_it(&mut self) {
        self.refetched = None;
    }

    fn waiting(&self, now: UtcDateTime) -> Option<Answer> {
        let flight = self.flight.as_ref()?;
        let is_alive = is_within(now, flight.began, PATIENCE);
        is_alive.then(|| Answer::Wait(flight.fetch, now.saturating_add(LOOK_AGAIN)))
    }

    fn begin(&mut self, now: UtcDateTime) -> Answer {
        self.begun = self.begun.saturating_add(1);
        self.flight = Some(Flight {
            fetch: self.begun,
            began: now,
        });
        Answer::Fetch(self.begun)
    }
}

impl Held {
    fn is_fresh(&self, now: UtcDateTime) -> bool {
        now < self.fresh_until && self.is_believed(now)
    }

    /// Whether the clock is where it can be, if it was right when the keys came.
    fn is_believed(&self, now: UtcDateTime) -> bool {
        after(now, STEP_BACK) >= self.fetched_at
    }
}

/// Whether less than so much time lies between two moments, whichever was first.
fn is_within(now: UtcDateTime, at: UtcDateTime, span: Duration) -> bool {
    (now - at).unsigned_abs() < span
}

fn after(at: UtcDateTime, span: Duration) -> UtcDateTime {
    at.saturating_add(time::Duration::try_from(span).unwrap_or(time::Duration::MAX))
}

#[cfg(test)]
mod tests;
