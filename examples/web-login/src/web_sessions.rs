//! Who is logged in: in the memory of this process, under an id that only the browser knows.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use tokio::time::Instant;

/// How long a login lasts here, whatever the authorization server thinks.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The web sessions of one process, each around something of its user's: the tokens.
///
/// There are no others than those that a login has begun: an id that comes from a browser is looked up and never taken over, so
/// that one which somebody has planted there is worth nothing.
pub(crate) struct WebSessions<T>(Mutex<HashMap<String, WebSession<T>>>);

struct WebSession<T> {
    of_user: T,
    browser: Browser,
    began: Instant,
}

/// A browser that has finished a login, as told from others by the tickets of those it has begun: nobody else has them.
pub(crate) struct Browser(Vec<String>);

/// More than a browser keeps. Whoever sends more shall not fill our memory with them.
const MOST_TICKETS: usize = 32;

impl Browser {
    /// The one that has brought these tickets.
    pub(crate) fn new(tickets: impl IntoIterator<Item = String>) -> Self {
        Self(tickets.into_iter().take(MOST_TICKETS).collect())
    }

    fn is_same(&self, other: &Self) -> bool {
        self.0.iter().any(|ticket| other.0.contains(ticket))
    }
}

impl<T: Clone> WebSessions<T> {
    /// Nobody is logged in.
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// A new session. Returns its id, and what was the user's of those that it ends: of the same browser, and begun at the same moment, so
    /// that its cookie did not name them yet.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub(crate) fn begin(
        &self,
        of_user: T,
        browser: Browser,
        now: Instant,
    ) -> Result<(String, Vec<T>), getrandom::Error> {
        let id = random_id()?;
        let mut held = self.held();
        let ended = held.extract_if(|_, session| session.browser.is_same(&browser));
        let ended = ended.map(|(_, session)| session.of_user).collect();
        let session = WebSession {
            of_user,
            browser,
            began: now,
        };
        held.insert(id.clone(), session);
        Ok((id, ended))
    }

    /// What is the user's, while the session lasts.
    pub(crate) fn find(&self, id: &str, now: Instant) -> Option<T> {
        let held = self.held();
        let session = held.get(id).filter(|session| !session.is_over(now))?;
        Some(session.of_user.clone())
    }

    /// Ends a session. What was the user's comes back.
    pub(crate) fn end(&self, id: &str) -> Option<T> {
        self.held().remove(id).map(|session| session.of_user)
    }

    /// Ends those that have lasted long enough.
    pub(crate) fn sweep(&self, now: Instant) -> Vec<T> {
        let mut held = self.held();
        let over = held.extract_if(|_, session| session.is_over(now));
        over.map(|(_, session)| session.of_user).collect()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, WebSession<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> WebSession<T> {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.began) >= LIFETIME
    }
}

/// 43 characters that nobody guesses.
pub(crate) fn random_id() -> Result<String, getrandom::Error> {
    let mut drawn = [0; 32];
    getrandom::fill(&mut drawn)?;
    Ok(Base64UrlUnpadded::encode_string(&drawn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(tickets: &str) -> Browser {
        Browser::new(tickets.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_browser_has_one_session_and_no_other_browser_loses_its_own() {
        let (sessions, now) = (WebSessions::new(), Instant::now());
        let (bob, _) = sessions.begin("bob", browser("b"), now).unwrap();
        let (first, ended) = sessions.begin("alice", browser("one two"), now).unwrap();
        assert_eq!(ended, [""; 0]);
        let (second, ended) = sessions.begin("again", browser("two"), now).unwrap();
        assert_eq!(ended, ["alice"]);
        let found = [first, second, bob].map(|id| sessions.find(&id, now));
        assert_eq!(found, [None, Some("again"), Some("bob")]);
    }

    #[test]
    fn a_session_ends_after_its_lifetime_and_is_swept_out_once() {
        let (sessions, now) = (WebSessions::new(), Instant::now());
        let later = now + LIFETIME;
        let (alice, _) = sessions.begin("alice", browser("a"), now).unwrap();
        let (bob, _) = sessions.begin("bob", browser("b"), later).unwrap();
        assert_eq!(
            sessions.find(&alice, later - Duration::from_secs(1)),
            Some("alice")
        );
        assert_eq!(sessions.find(&alice, later), None);
        assert_eq!(sessions.find(&bob, later), Some("bob"));
        assert_eq!(sessions.sweep(later), ["alice"]);
        assert_eq!(sessions.sweep(later), [""; 0]);
    }

    #[test]
    fn an_id_that_nobody_was_given_finds_nothing() {
        let (sessions, now) = (WebSessions::new(), Instant::now());
        let (id, _) = sessions.begin("alice", browser("a"), now).unwrap();
        assert_eq!(id.len(), 43);
        assert_eq!(sessions.end(&id), Some("alice"));
        for id in ["", "planted", &id] {
            assert_eq!(sessions.find(id, now), None);
        }
    }
}
