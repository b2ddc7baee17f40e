//! Schemes with canaries in them, and an authorization server that answers from a list.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass::driver::{
    Driver, Runtime, Task, Transport, TransportError, TransportErrorKind, Work,
};
use hallpass::grant::{Lost, Request, Response};
use hallpass::store::MemoryStore;
use hallpass::{
    AccessToken, AuthorizationCode, AuthorizationCodeCredentials, Client, Endpoint, Key, Origin,
    Provider, RefreshToken, Requirement, Scheme, Schemes, Security, ServerMetadata, Session,
    TokenSet,
};
use time::UtcDateTime;

/// When everything happens.
pub(crate) const NOW: i64 = 1_700_000_000;

/// What the token endpoint does next.
pub(crate) enum Answer {
    Says(u16, &'static str),
    IsUnreachable,
}

/// A token endpoint that answers from a list, and counts what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<(Vec<Answer>, usize)>>);

impl Script {
    pub(crate) fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self(Arc::new(Mutex::new((answers.into_iter().collect(), 0))))
    }

    /// How many requests it got.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().unwrap().1
    }

    pub(crate) fn client(&self) -> Client<AuthorizationCode> {
        let server = ServerMetadata::default()
            .with_authorization_endpoint(Endpoint::new("https://as.example/authorize").unwrap())
            .with_token_endpoint(Endpoint::new("https://as.example/token").unwrap());
        let driver = Driver::new(self.clone(), StoppedClock);
        let credentials = AuthorizationCodeCredentials::new().with_client_id("client");
        Provider::with_driver("server", server, driver).client(credentials)
    }

    /// A session nobody has logged in to.
    pub(crate) fn session(&self) -> Session {
        let store = Arc::new(MemoryStore::new());
        self.client().session(store, Key::new("alice")).unwrap()
    }

    /// A session whose token has expired and can be refreshed.
    pub(crate) async fn expired_session(&self) -> Session {
        let session = self.session();
        let refresh = RefreshToken::new("canary-refresh").unwrap();
        let expired = token("canary-old").with_expiry(at(NOW - 1));
        session
            .save(&expired.with_refresh_token(refresh))
            .await
            .unwrap();
        session
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut tape = self.0.lock().unwrap();
        tape.1 += 1;
        match tape.0.remove(0) {
            Answer::Says(status, body) => Ok(Response::new(status)
                .with_header("content-type", "application/json")
                .with_body(body.to_owned())),
            Answer::IsUnreachable => Err(TransportError::new(
                TransportErrorKind::Connect,
                Lost::NotSent,
                request.endpoint(),
            )),
        }
    }
}

struct StoppedClock;

#[async_trait]
impl Runtime for StoppedClock {
    fn now(&self) -> SystemTime {
        at(NOW).into()
    }

    async fn sleep(&self, _: Duration) {}

    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }

    fn spawn_blocking(&self, _: Work) {}
}

pub(crate) fn at(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}

pub(crate) fn token(text: &str) -> TokenSet {
    TokenSet::new(AccessToken::new(text).unwrap())
}

pub(crate) fn api() -> Origin {
    Origin::new("https://api.example").unwrap()
}

/// A scheme for [`api`] that writes a header of its own name, without a key where `key` is empty.
pub(crate) fn key(name: &str, key: &str) -> Scheme {
    Scheme::header_key(name, api(), name, key).unwrap()
}

/// An OAuth scheme without a token.
pub(crate) fn tokenless(name: &str) -> Scheme {
    Scheme::oauth(name, api(), Script::default().client()).unwrap()
}

pub(crate) fn security(
    schemes: impl IntoIterator<Item = Scheme>,
    requirement: impl Into<Requirement>,
) -> Security {
    Schemes::new(schemes).unwrap().require(requirement).unwrap()
}

pub(crate) fn request(uri: &str) -> http::Request<()> {
    http::Request::get(uri).body(()).unwrap()
}

pub(crate) fn files() -> http::Request<()> {
    request("https://api.example/files")
}

/// A request as text: its address, and its headers in the order of their names.
pub(crate) fn shown(request: &http::Request<()>) -> Vec<String> {
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines.insert(0, request.uri().to_string());
    lines
}
