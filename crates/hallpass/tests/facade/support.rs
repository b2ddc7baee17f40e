//! A transport that answers from a list, and a clock that stands still until it is put forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass::driver::{Driver, Runtime, Task, Transport, TransportError, Work};
use hallpass::grant::{Request, Response};
use hallpass::{AuthorizationCodeCredentials, Endpoint, Provider, Scopes, ServerMetadata};
use time::UtcDateTime;

/// When everything happens.
pub(crate) const NOW: i64 = 1_700_000_000;

/// Answers requests in order, and keeps what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Tape>>);

#[derive(Default)]
struct Tape {
    answers: Vec<Response>,
    requests: Vec<Request>,
}

impl Script {
    pub(crate) fn answering(answers: impl IntoIterator<Item = Response>) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().answers = answers.into_iter().collect();
        script
    }

    /// What was sent so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.0.lock().unwrap().requests.clone()
    }

    pub(crate) fn provider(&self) -> Provider {
        let server = ServerMetadata::default()
            .with_authorization_endpoint(endpoint("https://as.example/oauth/authorize"))
            .with_token_endpoint(endpoint("https://as.example/oauth/token"));
        self.provider_of(server)
    }

    pub(crate) fn provider_of(&self, server: ServerMetadata) -> Provider {
        Provider::with_driver(
            "OAuthACG",
            server,
            Driver::new(self.clone(), Clock::default()),
        )
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut tape = self.0.lock().unwrap();
        tape.requests.push(request);
        assert!(
            !tape.answers.is_empty(),
            "a request that no answer was written for"
        );
        Ok(tape.answers.remove(0))
    }
}

/// It stands still until it is put forward.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Runtime for Clock {
    fn now(&self) -> SystemTime {
        let passed = self.0.load(Ordering::Relaxed);
        (UtcDateTime::from_unix_timestamp(NOW + passed).unwrap()).into()
    }

    async fn sleep(&self, _: Duration) {}

    fn spawn(&self, _: Task) {}

    fn spawn_blocking(&self, _: Work) {}
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    Endpoint::new(text).unwrap()
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    Response::new(status)
        .with_header("content-type", "application/json")
        .with_body(body.to_owned())
}

pub(crate) fn credentials() -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id("canary-free-client")
        .with_client_secret("canary-client-secret")
        .with_redirect_uri("https://app.example/callback")
        .with_scopes(Scopes::parse("file_requests.read").unwrap())
}
