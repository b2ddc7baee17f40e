//! Logout tokens that have come before (OpenID Connect Back-Channel Logout §2.6, step 8).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroUsize;

use sha2::{Digest, Sha256};
use time::UtcDateTime;

use hallpass_grant::Error;

use super::LogoutToken;
use crate::Fault;

/// Remembers which logout tokens have come, so that none counts twice: whoever has seen one cannot end the next session with it.
///
/// Plain data: put it behind a lock, or ask the store that holds your sessions instead. Each is remembered for as long as the rules that took it
/// would take it again. Of each issuer it holds at most as many as it was made for; when there are more, those of that issuer that end first are
/// forgotten, and nobody else's.
#[derive(Clone)]
pub struct SeenLogoutTokens {
    of: BTreeMap<String, Seen>,
    most: usize,
}

/// Those of one issuer.
#[derive(Clone, Default)]
struct Seen {
    names: BTreeSet<[u8; 32]>,
    /// The last second in which each could be taken, those first that end first.
    ends: BTreeSet<(i64, [u8; 32])>,
}

impl SeenLogoutTokens {
    /// Remembers at most so many of each issuer.
    pub fn new(most: NonZeroUsize) -> Self {
        Self {
            of: BTreeMap::new(),
            most: most.get(),
        }
    }

    /// Remembers a token.
    ///
    /// # Errors
    /// [`Fault::Replayed`] where it has come before.
    pub fn remember(&mut self, token: &LogoutToken, now: UtcDateTime) -> Result<(), Error> {
        self.forget(now);
        let seen = self.of.entry(token.issuer().as_str().to_owned());
        let seen = seen.or_default();
        let name = Sha256::digest(token.id()).into();
        if !seen.names.insert(name) {
            return Err(Fault::Replayed.into());
        }
        seen.ends
            .insert((token.taken_until().unix_timestamp(), name));
        if seen.names.len() > self.most {
            seen.forget_first();
        }
        Ok(())
    }

    /// How many are remembered, of all issuers.
    pub fn len(&self) -> usize {
        self.of.values().map(|seen| seen.names.len()).sum()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets those that nobody would take any more.
    pub fn forget(&mut self, now: UtcDateTime) {
        let now = now.unix_timestamp();
        self.of.retain(|_, seen| {
            while seen.ends.first().is_some_and(|(end, _)| *end < now) {
                seen.forget_first();
            }
            !seen.names.is_empty()
        });
    }
}

impl Seen {
    fn forget_first(&mut self) {
        if let Some((_, name)) = self.ends.pop_first() {
            self.names.remove(&name);
        }
    }
}

impl fmt::Debug for SeenLogoutTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seen, most) = (self.len(), self.most);
        write!(f, "SeenLogoutTokens({seen}, at most {most} of an issuer)")
    }
}
