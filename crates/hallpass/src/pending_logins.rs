//! Logins that were begun and not yet answered, where an application wants them held for it.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use time::UtcDateTime;

use hallpass_grant::{Begun, Callback, Code, Error, Pending, Random};
use hallpass_http::{Driver, OsRandom};

use crate::Provider;

/// Logins that were begun and not yet answered, in the memory of one process: for an application that has no session of its own to keep
/// a [`Pending`] in, or whatever else begins a login and can tell its own callback ([`Begun`]).
///
/// Each is held under a ticket for the browser that began it, so that nobody else can finish it (RFC 9700 §4.7). A login that nobody
/// finishes is forgotten after ten minutes, and no more than 10,000 are held: the one begun first is forgotten first.
///
/// ```
/// # fn example(client: &hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), hallpass::ProviderError> {
/// use hallpass::PendingLogins;
///
/// let logins: PendingLogins = PendingLogins::new(client.provider());
/// let (url, pending) = client.authorization_url()?;
/// // Into a cookie of the browser that is sent to `url`: `__Host-login`, Secure, HttpOnly, SameSite=Lax.
/// let ticket = logins.keep(pending)?;
/// # let (cookie, callback) = (ticket.as_str(), "/callback?code=x");
/// // When it comes back, with its cookie:
/// if let Some(pending) = logins.take(cookie, callback) {
///     // client.fetch_token(pending, callback).await?;
/// }
/// # Ok(()) }
/// ```
pub struct PendingLogins<L = Pending<Code>> {
    driver: Driver,
    lifetime: Duration,
    capacity: usize,
    held: Mutex<Held<L>>,
}

struct Held<L> {
    logins: HashMap<String, Kept<L>>,
    /// The tickets in the order in which they were given; those already taken are swept out when they become many.
    order: VecDeque<(UtcDateTime, String)>,
}

struct Kept<L> {
    login: L,
    at: UtcDateTime,
}

impl<L: Begun> PendingLogins<L> {
    /// Holds nothing yet, and tells the time as the provider does.
    pub fn new(provider: &Provider) -> Self {
        Self {
            driver: provider.driver().clone(),
            lifetime: Duration::from_secs(600),
            capacity: 10_000,
            held: Mutex::new(Held {
                logins: HashMap::new(),
                order: VecDeque::new(),
            }),
        }
    }

    /// Forgets a login after this time.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Holds this many at most.
    #[must_use]
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Holds a login. What comes back is the ticket for the browser that began it: 43 characters of base64url, as secret as a session.
    ///
    /// # Errors
    /// [`Misuse::Random`](crate::Misuse::Random) when there is no randomness.
    pub fn keep(&self, login: L) -> Result<String, Error> {
        let drawn = OsRandom.draw()?;
        let ticket = Base64UrlUnpadded::encode_string(&drawn);
        let now = self.driver.now();
        let mut held = self.held();
        self.forget(&mut held, now);
        while held.logins.len() >= self.capacity.max(1) {
            held.forget_first();
        }
        if held.order.len() > 2 * held.logins.len() + 16 {
            let Held { logins, order } = &mut *held;
            order.retain(|(_, ticket)| logins.contains_key(ticket));
        }
        held.order.push_back((now, ticket.clone()));
        let kept = Kept { login, at: now };
        held.logins.insert(ticket.clone(), kept);
        Ok(ticket)
    }

    /// The login that this browser began, if this callback answers it. A stray or forged callback takes nothing.
    pub fn take<'a>(&self, ticket: &str, callback: impl Into<Callback<'a>>) -> Option<L> {
        let now = self.driver.now();
        let mut held = self.held();
        self.forget(&mut held, now);
        let kept = held.logins.get(ticket)?;
        let is_answered = !self.is_over(kept.at, now) && kept.login.expects(&callback.into());
        match is_answered {
            true => held.logins.remove(ticket).map(|kept| kept.login),
            false => None,
        }
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.held().logins.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn forget(&self, held: &mut Held<L>, now: UtcDateTime) {
        while held
            .order
            .front()
            .is_some_and(|(kept, _)| self.is_over(*kept, now))
        {
            held.forget_first();
        }
    }

    fn is_over(&self, kept: UtcDateTime, now: UtcDateTime) -> bool {
        Duration::try_from(now - kept).is_ok_and(|age| age >= self.lifetime)
    }

    fn held(&self) -> MutexGuard<'_, Held<L>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L> Held<L> {
    fn forget_first(&mut self) {
        if let Some((_, ticket)) = self.order.pop_front() {
            self.logins.remove(&ticket);
        }
    }
}

/// Shows no ticket and no login.
impl<L> fmt::Debug for PendingLogins<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogins")
            .field("lifetime", &self.lifetime)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use hallpass_grant::{Endpoint, ServerMetadata};
    use hallpass_http::{NoSigner, Runtime, Task, Transport, TransportError, Work};

    use super::*;
    use crate::AuthorizationCodeCredentials;

    struct Nobody;

    #[async_trait::async_trait]
    impl Transport for Nobody {
        async fn send(
            &self,
            _: hallpass_grant::Request,
        ) -> Result<hallpass_grant::Response, TransportError> {
            unreachable!("nothing is sent here")
        }
    }

    #[async_trait::async_trait]
    impl Runtime for Nobody {
        fn now(&self) -> SystemTime {
            UtcDateTime::UNIX_EPOCH.into()
        }

        async fn sleep(&self, _: Duration) {}

        fn spawn(&self, _: Task) {}

        fn spawn_blocking(&self, _: Work) {}
    }

    #[test]
    fn tickets_that_were_taken_are_not_remembered() {
        let endpoint = |text| Endpoint::new(text).unwrap();
        let server = ServerMetadata::default()
            .with_authorization_endpoint(endpoint("https://as.example/authorize"))
            .with_token_endpoint(endpoint("https://as.example/token"));
        let driver = Driver::new(Nobody, Nobody).with_signer(NoSigner);
        let provider = Provider::with_driver("p", server, driver);
        let client = provider.client(AuthorizationCodeCredentials::new().with_client_id("c"));
        let logins = PendingLogins::new(&provider).with_capacity(10);
        let (_, pending) = client.authorization_url().unwrap();
        let callback = format!("/?code=c&state={}", pending.state().expose_secret());
        for _ in 0..1000 {
            let ticket = logins.keep(pending.clone()).unwrap();
            assert!(logins.take(&ticket, &callback).is_some());
        }
        assert!(logins.held().order.len() <= 17);
    }
}
