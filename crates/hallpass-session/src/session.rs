//! A token set that lives in a store, for async callers.

mod asking;
mod flight;
mod leader;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hallpass_grant::Client;
use hallpass_grant::token::{AccessToken, Scopes, TokenSet};
use hallpass_http::{Driver, OsRandom};
use hallpass_store::{Key, TokenStore};

use crate::desk::{Advice, Ask, Desk, Ticket};
use crate::draws::Draws;
use crate::provider::ClientCredentials;
use crate::transaction::{Renewal, Task};
use crate::{Event, Owner, Record, SessionError, Timing, TokenProvider, Tokens, Windows};
use asking::Asking;
use flight::{Flight, Landing, Running};
use leader::{Leader, Place};

/// One login of one user: its tokens are used, refreshed ahead of their end, and saved.
///
/// Clones share everything: ten thousand tasks that ask at the same moment cause one request. Programs and machines that share the
/// store take turns, and whoever crashes in the middle is taken over from. Nothing that was sent to the authorization server is given up
/// when a caller is: the refresh runs on by itself, on the driver's [`Runtime`](hallpass_http::Runtime).
///
/// What was read is used for up to a minute before the store is looked at again, so the end of a session in another program is seen
/// within that time. [`with_recheck`](Self::with_recheck) changes it.
#[derive(Clone)]
pub struct Session {
    place: Arc<Place>,
    desk: Arc<Desk<Flight>>,
    running: Arc<Running>,
    recheck: Duration,
}

impl Session {
    /// A handle on what is stored under `key`, or will be.
    pub fn new(store: Arc<dyn TokenStore>, key: Key, client: Client, driver: Driver) -> Self {
        let renewal = Renewal::Refresh(client.clone());
        Self::at(Place::new(store, key, renewal, Some(client), None, driver))
    }

    /// Tokens of the client's own (RFC 6749 §4.4): got with its credentials when there are none, and again ahead of their end. Nobody
    /// has to log in. A [`MemoryStore`](hallpass_store::MemoryStore) will do; another one shares them between programs.
    pub fn client_credentials(
        store: Arc<dyn TokenStore>,
        key: Key,
        client: Client,
        scopes: Scopes,
        driver: Driver,
    ) -> Self {
        let renewal = Renewal::Provider(Owner::from(&client));
        let provider = Arc::new(ClientCredentials {
            client: client.clone(),
            scopes,
            driver: driver.clone(),
        });
        Self::at(Place::new(
            store,
            key,
            renewal,
            Some(client),
            Some(provider),
            driver,
        ))
    }

    /// Tokens that a provider of the application's own gets: `owner` says whose they are, and what is stored is told from others' by it.
    pub fn provided(
        store: Arc<dyn TokenStore>,
        key: Key,
        owner: Owner,
        provider: impl TokenProvider + 'static,
        driver: Driver,
    ) -> Self {
        let renewal = Renewal::Provider(owner);
        Self::at(Place::new(
            store,
            key,
            renewal,
            None,
            Some(Arc::new(provider)),
            driver,
        ))
    }

    fn at(place: Place) -> Self {
        let recheck = Duration::from_secs(60);
        let windows = Windows::default().with_jitter(share());
        Self {
            place: Arc::new(place),
            desk: Arc::new(Desk::new(windows, recheck)),
            running: Arc::default(),
            recheck,
        }
    }

    /// The same session with other windows. The jitter is added to them. Set it before the first use: what is cached is not shared with
    /// the session it was made of.
    #[must_use]
    pub fn with_windows(mut self, windows: Windows) -> Self {
        self.desk = Arc::new(Desk::new(windows.with_jitter(share()), self.recheck));
        self
    }

    /// The same session, taking every token to end this much earlier than it says. Set it before the first use.
    #[must_use]
    pub fn with_clock_skew(self, clock_skew: Duration) -> Self {
        let windows = self.desk.windows().with_clock_skew(clock_skew);
        self.with_windows(windows)
    }

    /// The same session, looking at the store again when what it has read is this old. Set it before the first use.
    #[must_use]
    pub fn with_recheck(mut self, recheck: Duration) -> Self {
        self.recheck = recheck;
        self.desk = Arc::new(Desk::new(self.desk.windows(), recheck));
        self
    }

    /// The same session with another limit for requests to the token endpoint, for the store, and for a provider of the application's.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.change(|place| place.timing = timing);
        self
    }

    /// The same session, telling new tokens to `hook`, whoever asked for them: once each, and none that were only read.
    #[must_use]
    pub fn on_update(mut self, hook: impl Fn(&TokenSet) + Send + Sync + 'static) -> Self {
        self.change(|place| place.hooks.on_update = Some(Arc::new(hook)));
        self
    }

    /// The same session, telling `hook` what happens to it and why.
    #[must_use]
    pub fn on_event(mut self, hook: impl Fn(Event) + Send + Sync + 'static) -> Self {
        self.change(|place| place.hooks.on_event = Some(Arc::new(hook)));
        self
    }

    fn change(&mut self, change: impl FnOnce(&mut Place)) {
        let mut place = Place::clone(&self.place);
        change(&mut place);
        self.place = Arc::new(place);
    }

    /// The same session of [`provided`](Self::provided) tokens, which are given to this client: where they are bound to a key (RFC 9449),
    /// it is the client's.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.change(|place| place.client = Some(client));
        self
    }

    /// The client the tokens are given to; `None`: they are had from a provider of the application's.
    pub fn client(&self) -> Option<&Client> {
        self.place.client.as_ref()
    }

    /// Whether somebody has to log in before there are tokens. Those of [`client_credentials`](Self::client_credentials) and of
    /// [`provided`](Self::provided) are had without a person.
    pub fn needs_login(&self) -> bool {
        matches!(self.place.renewal, Renewal::Refresh(_))
    }

    /// What requests to the server go through, and who signs.
    pub fn driver(&self) -> &Driver {
        &self.place.driver
    }

    /// Begins the session, or begins it anew, with the tokens of a login. It replaces whatever is stored, a logout
    /// included, so it is for the tokens of a login alone.
    ///
    /// # Errors
    /// [`SessionError::Store`] when the store cannot tell or cannot write; it is [`Busy`](hallpass_store::StoreErrorKind::Busy) when another
    /// holder wrote first at each of 16 attempts.
    pub async fn save(&self, tokens: &TokenSet) -> Result<(), SessionError> {
        self.turn(Task::Login(Box::new(tokens.clone()))).await
    }

    /// Tokens to be used now: those at hand, or new ones if it is time for them.
    ///
    /// Asked again, it answers from memory, in a few dozen nanoseconds, for as long as the tokens are fresh. When their end comes
    /// near, one refresh begins, and everybody uses what is good meanwhile; see [`Windows`].
    ///
    /// # Errors
    /// [`SessionError::Missing`] when nobody has logged in, [`SessionError::Ended`] when somebody has to log in again. An outage is
    /// an error only once the tokens have expired; it is remembered, and the server is left alone, for a second first and a minute at most.
    #[inline]
    pub fn tokens(&self) -> impl Future<Output = Result<Tokens, SessionError>> + Send {
        Asking::Begun(self)
    }

    /// The tokens at hand, if they are fresh: one atomic load and one look at the clock, nothing waits.
    #[inline(always)]
    pub fn ready(&self) -> Option<Tokens> {
        let now = self.place.driver.runtime().now();
        Tokens::ready(self.desk.cached.load(), now)
    }

    /// Tokens other than these, which an API has answered with 401. Whoever asks for the same ones gets the same others: they are
    /// refreshed once, or not at all if that has happened.
    ///
    /// An API that refuses what it has led to is not believed again at once: the same tokens come back for ten seconds. So send
    /// a request again only if the access token is another.
    ///
    /// # Errors
    /// As for [`tokens`](Self::tokens).
    pub async fn refused(&self, access_token: &AccessToken) -> Result<Tokens, SessionError> {
        self.get(Ask::OtherThan(access_token.clone())).await
    }

    /// New tokens, whether or not those at hand are good.
    ///
    /// # Errors
    /// As for [`tokens`](Self::tokens), except that what is still good does not make up for an outage.
    pub async fn refresh(&self) -> Result<Tokens, SessionError> {
        let before = self.desk.cached.load();
        let before = before
            .as_ref()
            .map(|cached| cached.tokens.access_token.clone());
        self.get(Ask::New(before)).await
    }

    /// What is stored now, good or not; `None` when nothing is.
    ///
    /// # Errors
    /// [`SessionError::Store`] and [`SessionError::Record`].
    pub async fn load(&self) -> Result<Option<TokenSet>, SessionError> {
        let Some(entry) = self.place.store.load(&self.place.key).await? else {
            return Ok(None);
        };
        let record = Record::decode(&entry.bytes)?;
        record.check(&self.place.owner())?;
        Ok(Some(record.tokens))
    }

    /// Ends the session here: nothing is stored afterwards, and a refresh that is under way brings nothing back. The server is not told.
    ///
    /// # Errors
    /// [`SessionError::Store`] as for [`save`](Self::save).
    pub async fn forget(&self) -> Result<(), SessionError> {
        self.turn(Task::Logout { revoke: false }).await
    }

    /// Ends the session here, and has the authorization server revoke the refresh token (RFC 7009) if it has an endpoint for that. Nothing is
    /// stored afterwards, whatever the server says: an [`Event`] tells it.
    ///
    /// # Errors
    /// [`SessionError::Store`] as for [`save`](Self::save).
    pub async fn logout(&self) -> Result<(), SessionError> {
        self.turn(Task::Logout { revoke: true }).await
    }

    /// Waits until nothing is under way: no refresh, and no write that is being tried again. Wait for it before the program
    /// ends, or a refresh that was sent may be lost.
    pub async fn settled(&self) {
        self.running.settled().await;
    }

    async fn get(&self, ask: Ask) -> Result<Tokens, SessionError> {
        // A login, a logout or a mere look at the store may come in between, but not for ever.
        for _ in 0..MOST_FLIGHTS {
            let now = self.place.now();
            let (flight, landing) = Flight::new();
            let (landed, is_own) = match self.desk.advise(&ask, now, &flight) {
                Advice::Use(cached) => return Ok(cached.into()),
                Advice::Fail(error) => return Err(error),
                Advice::Join(flight) => (flight.landed().await, false),
                Advice::Begin(ticket, meanwhile) => {
                    let task = Task::Tokens(ticket.need.clone());
                    self.begin(task, ticket, landing);
                    match meanwhile {
                        Some(cached) => return Ok(cached.into()),
                        None => (flight.landed().await, true),
                    }
                }
            };
            let now = self.place.now();
            match landed {
                Some(Ok(cached)) if is_own || self.desk.will_do(&ask, &cached, now) => {
                    return Ok(cached.into());
                }
                Some(Err(error)) => return self.desk.fall_back(&ask, error, now).map(Tokens::from),
                Some(Ok(_)) | None => {}
            }
        }
        Err(SessionError::Abandoned)
    }

    /// A login or a logout: what was cached is gone before, and what others are bringing is not taken.
    async fn turn(&self, task: Task) -> Result<(), SessionError> {
        let (flight, landing) = Flight::new();
        self.begin(task, self.desk.turn(&flight), landing);
        match flight.landed().await {
            // After a logout there is nothing, as it should be; another turn in between has the last word.
            Some(Ok(_) | Err(SessionError::Missing)) | None => Ok(()),
            Some(Err(error)) => Err(error),
        }
    }

    /// Begins a transaction that runs on though its caller is gone.
    fn begin(&self, task: Task, ticket: Ticket, landing: Landing) {
        let leader = Leader {
            place: Arc::clone(&self.place),
            desk: Arc::clone(&self.desk),
            ticket,
            landing: Some(landing),
            _under_way: self.running.begin(),
        };
        let runtime = self.place.driver.runtime();
        runtime.spawn(Box::pin(leader.lead(task)));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.place.key)
            .field("client", &self.place.client)
            .field("windows", &self.desk.windows())
            .field("timing", &self.place.timing)
            .finish_non_exhaustive()
    }
}

/// How often a caller waits for what others have begun.
const MOST_FLIGHTS: usize = 8;

/// Where between 0 and 1 this session's jitter is. Without randomness there is none.
fn share() -> f64 {
    Draws::new(&mut OsRandom).map_or(0.0, |mut draws| draws.share())
}
