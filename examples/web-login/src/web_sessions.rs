//! Who is logged in: in the memory of this process, under an id that only the browser knows.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64ct::{Base64UrlUnpadded, Encoding};
/// How long a login lasts here, whatever the authorization server thinks.
const LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// The web sessions of one process, each around something of its user's: the tokens.
///
/// There are no others than those that a login has begun: an id that comes from a browser is looked up and never taken over, so
/// that one which somebody has planted there is worth nothing.
pub(crate) struct WebSessions<T>(Mutex<HashMap<String, WebSession<T>>>);

struct WebSession<T> {
    of_user: T,
    began: Instant,
}

impl<T: Clone> WebSessions<T> {
    /// Nobody is logged in.
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// A new session. Returns its id.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub(crate) fn begin(&self, of_user: T, now: Instant) -> Result<String, getrandom::Error> {
        let id = random_id()?;
        let session = WebSession {
            of_user,
            began: now,
        };
        self.held().insert(id.clone(), session);
        Ok(id)
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

    #[test]
    fn a_session_ends_after_its_lifetime_and_is_swept_out_once() {
        let (sessions, now) = (WebSessions::new(), Instant::now());
        let later = now + LIFETIME;
        let alice = sessions.begin("alice", now).unwrap();
        let bob = sessions.begin("bob", later).unwrap();
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
        let id = sessions.begin("alice", now).unwrap();
        assert_eq!(id.len(), 43);
        assert_eq!(sessions.end(&id), Some("alice"));
        for id in ["", "planted", &id] {
            assert_eq!(sessions.find(id, now), None);
        }
    }
}
