//! Logout tokens that have come before (OpenID Connect Back-Channel Logout §2.6, step 8).

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use sha2::{Digest, Sha256};
use time::UtcDateTime;

use hallpass_grant::Error;

use super::{LogoutRules, LogoutToken};
use crate::Fault;

/// Remembers which logout tokens have come, so that none counts twice: whoever has seen one cannot end the next session with it.
///
/// Plain data: put it behind a lock, or ask the store that holds your sessions instead. It holds at most as many as it was made for; when there are more, those
/// that end first are forgotten.
#[derive(Clone)]
pub struct SeenLogoutTokens {
    /// A hash of issuer and `jti`, with the second from which on it need not be known.
    ends: BTreeMap<[u8; 32], i64>,
    most: usize,
    longest: Duration,
}

impl SeenLogoutTokens {
    /// Remembers at most so many, each for as long as these rules would take it.
    pub fn new(most: NonZeroUsize, rules: &LogoutRules) -> Self {
        Self {
            ends: BTreeMap::new(),
            most: most.get(),
            longest: rules.longest(),
        }
    }

    /// Remembers a token.
    ///
    /// # Errors
    /// [`Fault::Replayed`] where it has come before.
    pub fn remember(&mut self, token: &LogoutToken, now: UtcDateTime) -> Result<(), Error> {
        self.forget(now);
        let name = name(token);
        if self.ends.contains_key(&name) {
            return Err(Fault::Replayed.into());
        }
        if self.ends.len() >= self.most
            && let Some(first) = self.ends.iter().min_by_key(|(_, end)| **end)
        {
            let first = *first.0;
            self.ends.remove(&first);
        }
        let longest = i64::try_from(self.longest.as_secs()).unwrap_or(i64::MAX);
        let end = token.issued_at().unix_timestamp().saturating_add(longest);
        self.ends.insert(name, end);
        Ok(())
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets those that nobody would take any more.
    pub fn forget(&mut self, now: UtcDateTime) {
        let now = now.unix_timestamp();
        self.ends.retain(|_, end| *end >= now);
    }
}

/// No issuer can have the name of another's token: none has a control character in it.
fn name(token: &LogoutToken) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(token.issuer().as_str());
    hash.update([0]);
    hash.update(token.id());
    hash.finalize().into()
}

impl fmt::Debug for SeenLogoutTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeenLogoutTokens({} of {})", self.ends.len(), self.most)
    }
}
