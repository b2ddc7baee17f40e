//! The test kit's strict server, as the scenarios need it.

use std::time::Duration;

use hallpass_grant::token::{AccessToken, RefreshToken, TokenSet};
use hallpass_grant::{Client, Endpoint, ServerMetadata};
use hallpass_testkit::{Config, Request, Rotation, TestServer};
use serde_json::Value;

use crate::text;

const CLIENT: &str = "terminal";

/// The server, which every worker reaches by its token endpoint.
pub(crate) struct Strict {
    server: TestServer,
}

/// What many holders of sessions did to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Requests to the token endpoint, logins among them.
    pub(crate) requests: usize,
    pub(crate) refreshes: usize,
    pub(crate) reuses: usize,
    pub(crate) revoked: usize,
}

impl Strict {
    /// One that does this with a refresh token that is used again. Its tokens end long after every run.
    pub(crate) fn start(rotation: Rotation) -> Strict {
        let day = Duration::from_secs(24 * 3600);
        let config = Config::new()
            .rotation(rotation)
            .access_token_lifetime(day)
            .refresh_token_lifetime(365 * day);
        Strict {
            server: TestServer::start(config),
        }
    }

    /// For the workers.
    pub(crate) fn endpoint(&self) -> String {
        self.server.token_endpoint()
    }

    /// The tokens of a new login.
    pub(crate) fn log_in(&self) -> Result<TokenSet, String> {
        let form = [
            ("grant_type", "password"),
            ("client_id", CLIENT),
            ("username", "alice"),
            ("password", "wonderland"),
        ];
        let now = self.server.now();
        let request = Request::post_form("/oauth/token", &form);
        let answer = self.server.with(|server| server.respond(&request, now));
        let answer: Value = serde_json::from_slice(&answer.body).map_err(text)?;
        let member = |name: &str| answer[name].as_str().ok_or("the login gave no tokens");
        let access_token = AccessToken::new(member("access_token")?).map_err(text)?;
        let refresh_token = RefreshToken::new(member("refresh_token")?).map_err(text)?;
        Ok(TokenSet::new(access_token).with_refresh_token(refresh_token))
    }

    pub(crate) fn counts(&self) -> Counts {
        self.server.with(|server| Counts {
            requests: server.count_of(hallpass_testkit::Endpoint::Token),
            refreshes: server.refreshes(),
            reuses: server.reuses(),
            revoked: server.revoked_families(),
        })
    }

    /// How many refresh tokens of its family came before this one.
    pub(crate) fn rotations(&self, refresh_token: &str) -> Result<usize, String> {
        let rotations = self.server.with(|server| server.rotations(refresh_token));
        rotations.ok_or_else(|| "there are tokens that the server has not given out".to_owned())
    }

    /// Whether it would still be taken.
    pub(crate) fn is_unspent(&self, refresh_token: &str) -> bool {
        let now = self.server.now();
        self.server
            .with(|server| server.is_unspent(refresh_token, now))
    }
}

/// The client whose tokens are at this token endpoint.
pub(crate) fn client(endpoint: &str) -> Result<Client, String> {
    let token = Endpoint::new(endpoint).map_err(text)?;
    let revocation = Endpoint::new(endpoint.replace("/token", "/revoke")).map_err(text)?;
    let server = ServerMetadata::default()
        .with_token_endpoint(token)
        .with_revocation_endpoint(revocation);
    Client::new(server, CLIENT).map_err(text)
}
