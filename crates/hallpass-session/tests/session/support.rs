//! A store, a server and two clocks, of which a test has everything in its hand.

mod clock;
mod server;
mod shelf;
#[cfg(feature = "tracing")]
mod traced;

use std::sync::Arc;

use hallpass_grant::token::{AccessToken, RefreshToken, Scopes, Secret, TokenSet};
use hallpass_grant::{Client, ClientAuthentication, Endpoint, ServerMetadata};
use hallpass_http::Driver;
use hallpass_session::{Key, Session, SessionError, Tokens};
use time::UtcDateTime;

pub(crate) use clock::{Clock, NOW};
pub(crate) use server::{Answer, Server, Wire, answer, refreshed, refreshed_for};
pub(crate) use shelf::{Odd, Shelf};
#[cfg(feature = "tracing")]
pub(crate) use traced::Traced;

/// The server, the store and the clocks of one test. A clone is another machine with the same ones.
#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) server: Arc<Server>,
    pub(crate) clock: Clock,
    pub(crate) store: Arc<Shelf>,
}

impl World {
    /// Where somebody logged in with these tokens an hour ago.
    pub(crate) async fn after_login(tokens: TokenSet) -> Self {
        let world = Self::default();
        world.clock.jump(-3600);
        world.session().save(&tokens).await.unwrap();
        world.clock.jump(3600);
        world
    }

    /// Another process with the session of the only user.
    pub(crate) fn session(&self) -> Session {
        self.session_of("client")
    }

    pub(crate) fn session_of(&self, client_id: &str) -> Session {
        self.session_for(client(client_id))
    }

    pub(crate) fn session_for(&self, client: Client) -> Session {
        Session::new(self.store.clone(), Key::new("alice"), client, self.driver())
    }

    /// The session of a program that acts for itself.
    pub(crate) fn own_session(&self, client: Client) -> Session {
        let scopes = Scopes::parse("read").unwrap();
        let (store, key) = (self.store.clone(), Key::new("program"));
        Session::client_credentials(store, key, client, scopes, self.driver())
    }

    pub(crate) fn driver(&self) -> Driver {
        Driver::new(Wire(Arc::clone(&self.server)), self.clock.clone())
    }
}

pub(crate) fn client(id: &str) -> Client {
    client_of(id, "https://as.example/token")
}

pub(crate) fn client_of(id: &str, token_endpoint: &str) -> Client {
    let endpoint = |url: &str| Endpoint::new(url).unwrap();
    let server = ServerMetadata::default()
        .with_token_endpoint(endpoint(token_endpoint))
        .with_revocation_endpoint(endpoint("https://as.example/revoke"));
    Client::new(server, id).unwrap()
}

/// One with a secret.
pub(crate) fn confidential() -> Client {
    client("program").with_authentication(ClientAuthentication::Basic(Secret::new("secret")))
}

/// A set that ends so many seconds after `NOW`.
pub(crate) fn tokens(name: &str, seconds: i64) -> TokenSet {
    TokenSet::new(AccessToken::new(format!("{name}-access")).unwrap())
        .with_refresh_token(RefreshToken::new(format!("{name}-refresh")).unwrap())
        .with_expiry(UtcDateTime::from_unix_timestamp(NOW + seconds).unwrap())
}

pub(crate) fn access(tokens: &TokenSet) -> &str {
    tokens.access_token.expose_secret()
}

/// The access token that a caller got.
pub(crate) fn got(outcome: Result<Tokens, SessionError>) -> String {
    access(&outcome.unwrap()).to_owned()
}
