//! A provider's published keys, shared by everybody who verifies what it has signed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Endpoint, Error, Issuer, Misuse, Request, Response};
use hallpass_jose::JwkSet;

use crate::key_cache::{Answer, KeyCache, KeyLimits, Keys};
use crate::{Fault, ProviderMetadata};

/// The keys that a provider publishes at `jwks_uri`. They are fetched when they are first needed, when their time is over, and when a
/// token names one that is not among them, by one conversation for all.
///
/// Cheap to clone; clones share the keys, and nothing else in this crate is shared. Keys belong to the issuer whose they are: they verify no
/// other one's tokens.
#[derive(Clone)]
pub struct ProviderKeys {
    issuer: Issuer,
    jwks_uri: Option<Endpoint>,
    cache: Arc<Mutex<KeyCache>>,
}

impl ProviderKeys {
    /// The keys that this provider publishes; none is fetched yet.
    pub fn new(provider: &ProviderMetadata) -> Self {
        Self::within(provider, KeyLimits::default())
    }

    /// The same with other limits to how long keys are believed.
    pub fn within(provider: &ProviderMetadata, limits: KeyLimits) -> Self {
        Self {
            issuer: provider.issuer().clone(),
            jwks_uri: provider.jwks_uri().cloned(),
            cache: Arc::new(Mutex::new(KeyCache::new(limits))),
        }
    }

    /// Keys of an issuer that were handed over by other means. No others are ever fetched.
    pub fn given(issuer: Issuer, keys: JwkSet) -> Self {
        Self {
            issuer,
            jwks_uri: None,
            cache: Arc::new(Mutex::new(KeyCache::given(keys))),
        }
    }

    /// Whose keys they are.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// What the cache has for a token.
    pub(crate) fn look(&self, ask: impl FnOnce(&mut KeyCache) -> Answer) -> Result<Look, Error> {
        let answer = self.with_cache(ask);
        Ok(match answer {
            Answer::Use(keys) => Look::Use(keys),
            Answer::Fetch(fetch) => {
                // Given up where there is nowhere to ask: the ticket is dropped.
                let ticket = Ticket::new(fetch, &self.cache);
                Look::Fetch(ticket, self.request()?)
            }
            Answer::Wait(fetch, at) => Look::Wait(fetch, at),
            Answer::Failed => Look::Failed,
            Answer::TooSoon => Look::TooSoon,
        })
    }

    pub(crate) fn with_cache<T>(&self, look: impl FnOnce(&mut KeyCache) -> T) -> T {
        look(&mut lock(&self.cache))
    }

    /// Asks for the keys.
    pub(crate) fn request(&self) -> Result<Request, Error> {
        let at = self.jwks_uri.clone().ok_or(Misuse::Missing("jwks_uri"))?;
        Ok(Request::get(at))
    }
}

/// What there is for a token: an [`Answer`] with what it takes to carry it out.
#[derive(Debug)]
pub(crate) enum Look {
    Use(Keys),
    Fetch(Ticket, Request),
    Wait(u64, UtcDateTime),
    Failed,
    TooSoon,
}

/// The right and duty to fetch the keys for everybody. When the last clone is dropped, somebody else may.
#[derive(Clone, Debug)]
pub(crate) struct Ticket(Arc<Fetch>);

struct Fetch {
    number: u64,
    cache: Arc<Mutex<KeyCache>>,
}

impl Ticket {
    fn new(number: u64, cache: &Arc<Mutex<KeyCache>>) -> Self {
        Self(Arc::new(Fetch {
            number,
            cache: Arc::clone(cache),
        }))
    }

    /// Reads the keys of an answer and puts them where everybody finds them.
    pub(crate) fn read(&self, response: &Response, now: UtcDateTime) -> Result<Keys, Error> {
        response.success()?;
        let set = JwkSet::parse(response.body()).map_err(Fault::Keys)?;
        let max_age = response.header("cache-control").and_then(max_age);
        Ok(lock(&self.0.cache).put(self.0.number, set, max_age, now))
    }

    /// No keys could be had.
    pub(crate) fn fail(&self, error: Error, now: UtcDateTime) {
        lock(&self.0.cache).fail(self.0.number, error, now);
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        lock(&self.cache).land(self.number);
    }
}

/// A panic elsewhere leaves whole data behind: nothing in a cache is changed in two steps.
fn lock(cache: &Mutex<KeyCache>) -> MutexGuard<'_, KeyCache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `max-age` of a `Cache-Control` field (RFC 9111 §5.2.2.1), or zero where the answer is not to be kept.
fn max_age(field: &str) -> Option<Duration> {
    let mut found = None;
    for directive in field.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        let value = value.trim().trim_matches('"');
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if name.eq_ignore_ascii_case("max-age") && is_number {
            // What is too large for a number is longer than any limit.
            found = Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
        }
    }
    found
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fetch {}", self.number)
    }
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderKeys({})", self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_answer_is_read_as_it_is_meant() {
        let seconds = |field| max_age(field).map(|age| age.as_secs());
        assert_eq!(seconds("public, Max-Age=300, must-revalidate"), Some(300));
        assert_eq!(seconds("max-age=\"60\""), Some(60));
        assert_eq!(seconds("max-age=99999999999999999999"), Some(u64::MAX));
        assert_eq!(seconds("max-age=300, no-store"), Some(0));
        assert_eq!(seconds("NO-CACHE"), Some(0));
        for unsaid in [
            "",
            "public",
            "max-age",
            "max-age=",
            "max-age=-1",
            "max-age=x",
        ] {
            assert_eq!(seconds(unsaid), None, "{unsaid}");
        }
    }
}
