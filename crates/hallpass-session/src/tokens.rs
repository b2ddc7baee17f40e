//! Tokens to be used now.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use arc_swap::Guard;
use hallpass_grant::token::TokenSet;
use time::UtcDateTime;

use crate::{Record, SessionError};

/// Tokens to be used now: a [`TokenSet`] that is shared with everybody who uses the same session, not copied.
///
/// Put them on a request and let go of them; ask the session again for the next one.
pub struct Tokens(Guard<Option<Arc<Cached>>>);

/// What a session keeps in memory of what is stored.
pub(crate) struct Cached {
    pub(crate) tokens: TokenSet,
    pub(crate) obtained_at: Option<UtcDateTime>,
    pub(crate) unsaved: Option<SessionError>,
    /// From when it was read or written to when it is looked at again: in between it is used without another thought.
    pub(crate) ready: Range<SystemTime>,
}

impl Cached {
    pub(crate) fn new(
        record: Record,
        unsaved: Option<SessionError>,
        since: SystemTime,
        lasts: Duration,
    ) -> Self {
        Self {
            tokens: record.tokens,
            obtained_at: record.obtained_at,
            unsaved,
            ready: since..since.checked_add(lasts).unwrap_or(since),
        }
    }

    /// Of tokens that no session keeps.
    fn never_ready(tokens: TokenSet) -> Self {
        Self {
            tokens,
            obtained_at: None,
            unsaved: None,
            ready: SystemTime::UNIX_EPOCH..SystemTime::UNIX_EPOCH,
        }
    }

    /// A clock that was set back before it was read makes it due, like one that has gone on for long enough.
    #[inline]
    pub(crate) fn is_ready(&self, now: SystemTime) -> bool {
        self.ready.contains(&now)
    }
}

impl Tokens {
    /// Of what is cached, if there is something, and it is ready.
    #[inline(always)]
    pub(crate) fn ready(guard: Guard<Option<Arc<Cached>>>, now: SystemTime) -> Option<Self> {
        let is_ready = guard.as_ref().is_some_and(|cached| cached.is_ready(now));
        is_ready.then_some(Self(guard))
    }

    /// Why they could not be saved, if they could not. They are as good as others, and the write is tried again for as long as the program
    /// runs; if it ends before that, the session may have to be begun anew.
    pub fn unsaved(&self) -> Option<&SessionError> {
        self.cached().unsaved.as_ref()
    }

    #[inline]
    fn cached(&self) -> &Cached {
        // There is something, or it would not have been ready: nobody ever sees the dash.
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl From<Arc<Cached>> for Tokens {
    fn from(cached: Arc<Cached>) -> Self {
        Self(Guard::from_inner(Some(cached)))
    }
}

/// Tokens that no session keeps, for what takes those of sessions.
impl From<TokenSet> for Tokens {
    fn from(tokens: TokenSet) -> Self {
        Arc::new(Cached::never_ready(tokens)).into()
    }
}

/// A copy, for what keeps a set of its own.
impl From<Tokens> for TokenSet {
    fn from(tokens: Tokens) -> Self {
        Self::clone(&tokens)
    }
}

impl Deref for Tokens {
    type Target = TokenSet;

    #[inline]
    fn deref(&self) -> &TokenSet {
        &self.cached().tokens
    }
}

impl Clone for Tokens {
    fn clone(&self) -> Self {
        Self(Guard::from_inner(Option::clone(&self.0)))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

static NOTHING: LazyLock<Cached> = LazyLock::new(|| {
    Cached::never_ready(TokenSet::bearer("-").expect("a dash is printable ASCII"))
});
