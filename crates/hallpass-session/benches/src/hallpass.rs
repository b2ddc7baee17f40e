//! `hallpass-session`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use hallpass_grant::token::{AccessToken, TokenSet};
use hallpass_grant::{Client, Endpoint, Lost, Request, Response, ServerMetadata};
use hallpass_http::{
    Driver, TokioRuntime, Transport, TransportError, TransportErrorKind, async_trait,
};
use hallpass_session::{Key, Session};
use hallpass_store::MemoryStore;
use time::UtcDateTime;

use crate::{Call, TOKEN, polled};

pub(crate) fn call() -> Call {
    let endpoint = Endpoint::new("https://as.example/token").expect("an endpoint");
    let server = ServerMetadata::default().with_token_endpoint(endpoint);
    let client = Client::new(server, "client").expect("a client");
    let driver = Driver::new(Nobody, TokioRuntime);
    let store = Arc::new(MemoryStore::new());
    let session = Session::new(store, Key::new("alice"), client, driver)
        .with_recheck(Duration::from_secs(3600));
    let tokens = TokenSet::new(AccessToken::new(TOKEN).expect("a token"))
        .with_expiry(UtcDateTime::now() + Duration::from_secs(7200));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let saved = runtime.expect("a runtime").block_on(session.save(&tokens));
    saved.expect("it is saved");
    Box::new(move || {
        let tokens = polled(session.tokens()).expect("it is good");
        black_box(tokens.access_token.expose_secret());
    })
}

struct Nobody;

#[async_trait]
impl Transport for Nobody {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let kind = TransportErrorKind::Connect;
        Err(TransportError::new(kind, Lost::NotSent, request.endpoint()))
    }
}
