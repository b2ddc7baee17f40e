//! A server that answers from a list, a clock that stands still, and a store that can fail.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass_grant::token::{AccessToken, RefreshToken, TokenSet};
use hallpass_grant::{Client, Endpoint, Lost, Request, Response, ServerMetadata};
use hallpass_http::{Driver, Runtime, Task, Transport, TransportError, TransportErrorKind, Work};
use hallpass_session::{Key, Session, TokenStore};
use hallpass_store::{Entry, MemoryStore, Revision, StoreError, StoreErrorKind, SwapError};
use time::UtcDateTime;

pub(crate) const NOW: i64 = 1_700_000_000;

/// What the server does with the next request.
pub(crate) enum Answer {
    Response(Response),
    Lost(Lost),
}

/// The server and the store of one test.
#[derive(Clone, Default)]
pub(crate) struct World {
    answers: Arc<Mutex<Vec<Answer>>>,
    requests: Arc<Mutex<usize>>,
    pub(crate) clock: Clock,
    pub(crate) store: Arc<Shelf>,
}

/// A memory store that does something odd at the next swap, if it is told to.
#[derive(Default)]
pub(crate) struct Shelf {
    memory: MemoryStore,
    odd: Mutex<Option<Odd>>,
}

#[derive(Clone)]
pub(crate) enum Odd {
    /// Writes nothing and says so.
    Fails,
    /// Writes, and says that it does not know.
    ForgetsToAnswer,
    /// Somebody else writes first.
    Overtaken(Option<TokenSet>),
    /// Somebody else always writes first.
    AlwaysOvertaken,
}

/// A clock that stands still until it is set, and does not wait.
#[derive(Clone, Default)]
pub(crate) struct Clock {
    seconds: Arc<Mutex<i64>>,
    sleeps: Arc<Mutex<Vec<Duration>>>,
}

impl Clock {
    /// So many seconds after `NOW`.
    pub(crate) fn set(&self, seconds: i64) {
        *self.seconds.lock().unwrap() = seconds;
    }

    /// How long it was asked to wait, each time.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }
}

impl World {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let world = Self::default();
        *world.answers.lock().unwrap() = answers.into_iter().collect();
        world
    }

    pub(crate) fn requests(&self) -> usize {
        *self.requests.lock().unwrap()
    }

    pub(crate) fn session(&self) -> Session {
        self.session_of("client")
    }

    pub(crate) fn session_of(&self, client_id: &str) -> Session {
        self.session_for(client(client_id))
    }

    pub(crate) fn session_for(&self, client: Client) -> Session {
        let driver = Driver::new(self.clone(), self.clock.clone());
        Session::new(self.store.clone(), Key::new("alice"), client, driver)
    }

    pub(crate) fn next_swap(&self, odd: Odd) {
        *self.store.odd.lock().unwrap() = Some(odd);
    }
}

pub(crate) fn client(id: &str) -> Client {
    client_of(id, "https://as.example/token")
}

pub(crate) fn client_of(id: &str, token_endpoint: &str) -> Client {
    let endpoint = Endpoint::new(token_endpoint).unwrap();
    Client::new(ServerMetadata::default().with_token_endpoint(endpoint), id).unwrap()
}

/// A set that ends in so many seconds.
pub(crate) fn tokens(name: &str, seconds: i64) -> TokenSet {
    TokenSet::new(AccessToken::new(format!("{name}-access")).unwrap())
        .with_refresh_token(RefreshToken::new(format!("{name}-refresh")).unwrap())
        .with_expiry(UtcDateTime::from_unix_timestamp(NOW + seconds).unwrap())
}

pub(crate) fn refreshed(name: &str) -> Answer {
    refreshed_for(name, 60)
}

/// New tokens that end in so many seconds.
pub(crate) fn refreshed_for(name: &str, seconds: u32) -> Answer {
    let body = format!(
        r#"{{"access_token":"{name}-access","token_type":"bearer","expires_in":{seconds},"refresh_token":"{name}-refresh"}}"#
    );
    answer(200, &body)
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    let response = Response::new(status).with_header("content-type", "application/json");
    Answer::Response(response.with_body(body.to_owned()))
}

#[async_trait]
impl Transport for World {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        *self.requests.lock().unwrap() += 1;
        match self.answers.lock().unwrap().remove(0) {
            Answer::Response(response) => Ok(response),
            Answer::Lost(lost) => {
                let kind = TransportErrorKind::Interrupted;
                Err(TransportError::new(kind, lost, request.endpoint()))
            }
        }
    }
}

#[async_trait]
impl TokenStore for Shelf {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        TokenStore::load(&self.memory, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let broken = || StoreError::new(StoreErrorKind::Unavailable, "the disk is full");
        let odd = {
            let mut odd = self.odd.lock().unwrap();
            match &*odd {
                Some(Odd::AlwaysOvertaken) => odd.clone(),
                _ => odd.take(),
            }
        };
        match odd {
            Some(Odd::AlwaysOvertaken) => Err(SwapError::Conflict),
            None => TokenStore::swap(&self.memory, key, expected, new).await,
            Some(Odd::Fails) => Err(SwapError::Failed(broken())),
            Some(Odd::ForgetsToAnswer) => {
                TokenStore::swap(&self.memory, key, expected, new).await?;
                Err(SwapError::Unknown(broken()))
            }
            Some(Odd::Overtaken(theirs)) => {
                let theirs = theirs.map(|tokens| {
                    let record = hallpass_session::Record::new(&client("client"), tokens);
                    Entry::new(Revision::from_bytes([9; 16]), record.encode())
                });
                TokenStore::swap(&self.memory, key, expected, theirs).await?;
                TokenStore::swap(&self.memory, key, expected, new).await
            }
        }
    }
}

#[async_trait]
impl Runtime for Clock {
    fn now(&self) -> SystemTime {
        let seconds = *self.seconds.lock().unwrap();
        (UtcDateTime::from_unix_timestamp(NOW + seconds).unwrap()).into()
    }

    async fn sleep(&self, duration: Duration) {
        self.sleeps.lock().unwrap().push(duration);
    }

    fn spawn(&self, _: Task) {}

    fn spawn_blocking(&self, _: Work) {}
}
