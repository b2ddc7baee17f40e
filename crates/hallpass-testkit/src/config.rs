//! What a server is started with.

use std::time::Duration;

use crate::{AssertionAudience, Client, User, Value, mask::Masked};

/// The settings of an [`AuthorizationServer`](crate::AuthorizationServer). The default has the users, clients and scopes
/// of the README, and is strict.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) issuer: Option<String>,
    pub(crate) seed: u64,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    pub(crate) scopes: Vec<(String, String)>,
    pub(crate) code_lifetime: Duration,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) refresh_token_lifetime: Duration,
    pub(crate) iss_parameter: bool,
    pub(crate) require_pkce: bool,
    pub(crate) rotation: Rotation,
    pub(crate) initial_access_token: Option<Masked>,
    pub(crate) pushed_request_lifetime: Duration,
    pub(crate) require_pushed_authorization_requests: bool,
    pub(crate) dpop_nonces: bool,
    pub(crate) front_page: bool,
    pub(crate) device_code_lifetime: Duration,
    pub(crate) device_interval: Option<Duration>,
    pub(crate) resources: Vec<String>,
    pub(crate) assertion_audience: AssertionAudience,
    pub(crate) id_token_lifetime: Duration,
    pub(crate) jwks_cache_control: Option<String>,
    pub(crate) allow_at_once: Option<String>,
    pub(crate) aggregated_claims: Vec<(String, Value)>,
    pub(crate) distributed_claims: Vec<(String, Value)>,
}

/// What happens to a refresh token that is spent.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rotation {
    /// It is replaced, and its use again revokes every token of its grant (RFC 9700 §4.14.2).
    #[default]
    RevokeOnReuse,
    /// It is replaced, and its use again is refused; the tokens that came after stay good.
    RefuseReuse,
    /// It is replaced, and for this long (whole seconds count) its use again gives new tokens too, so that a client that lost
    /// the answer loses nothing. Later its use again revokes every token of its grant.
    Grace(Duration),
    /// It stays valid, and the answer has no new one.
    Never,
}

impl Config {
    /// Known users, clients and scopes; codes live 60 s, access tokens an hour, refresh tokens a day.
    pub fn new() -> Self {
        let scopes = [
            ("read", "Read scope"),
            ("write", "Write scope"),
            ("read:pets", "read your pets"),
            ("write:pets", "modify pets in your account"),
            ("file_requests.read", "Read request for files"),
            ("openid", "know that it is you"),
            ("profile", "read your profile"),
            ("email", "read your e-mail address"),
            ("address", "read your postal address"),
            ("phone", "read your phone number"),
            ("offline_access", "read them when you are not there"),
        ];
        Self {
            issuer: None,
            seed: 0,
            clients: Client::known(),
            users: vec![User::alice(), User::bob()],
            scopes: scopes
                .map(|(scope, description)| (scope.to_owned(), description.to_owned()))
                .into(),
            code_lifetime: Duration::from_secs(60),
            access_token_lifetime: Duration::from_secs(3600),
            refresh_token_lifetime: Duration::from_secs(24 * 3600),
            iss_parameter: true,
            require_pkce: true,
            rotation: Rotation::default(),
            initial_access_token: None,
            pushed_request_lifetime: Duration::from_secs(60),
            require_pushed_authorization_requests: false,
            dpop_nonces: false,
            front_page: false,
            device_code_lifetime: Duration::from_secs(600),
            device_interval: Some(Duration::from_secs(5)),
            resources: Vec::new(),
            assertion_audience: AssertionAudience::default(),
            id_token_lifetime: Duration::from_secs(600),
            jwks_cache_control: Some("public, max-age=300".to_owned()),
            allow_at_once: None,
            aggregated_claims: Vec::new(),
            distributed_claims: Vec::new(),
        }
    }

    /// No user, no client and no scope.
    pub fn empty() -> Self {
        Self {
            clients: Vec::new(),
            users: Vec::new(),
            scopes: Vec::new(),
            ..Self::new()
        }
    }

    /// The server's issuer: an origin, without a slash at its end. Left out, it is the listener's own address, and
    /// `https://auth.example` where there is no listener.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Where codes and tokens are derived from; the same seed and issuer give the same ones.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// One more client; one with the same id is replaced.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.retain(|known| known.id() != client.id());
        self.clients.push(client);
        self
    }

    /// One more user; one with the same name is replaced.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.retain(|known| known.name() != user.name());
        self.users.push(user);
        self
    }

    /// One more scope, and what the consent page says about it.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>, description: impl Into<String>) -> Self {
        let scope = scope.into();
        self.scopes.retain(|(known, _)| *known != scope);
        self.scopes.push((scope, description.into()));
        self
    }

    /// How long a code can be exchanged; whole seconds count.
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// How long an access token is good, and what `expires_in` says; whole seconds count.
    #[must_use]
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// How long a refresh token is good; whole seconds count.
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_token_lifetime = lifetime;
        self
    }

    /// Whether authorization responses carry `iss`, and the metadata says so (RFC 9207). On by default.
    #[must_use]
    pub fn iss_parameter(mut self, on: bool) -> Self {
        self.iss_parameter = on;
        self
    }

    /// Whether a code needs a challenge by S256 (RFC 7636). On by default. A challenge that is sent is always checked, and
    /// `plain` always refused.
    #[must_use]
    pub fn require_pkce(mut self, on: bool) -> Self {
        self.require_pkce = on;
        self
    }

    /// What happens to a refresh token that is spent.
    #[must_use]
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// The token without which no client can register (RFC 7591 §1.2). Left out, every client can.
    #[must_use]
    pub fn initial_access_token(mut self, token: impl Into<String>) -> Self {
        self.initial_access_token = Some(Masked::new(token.into()));
        self
    }

    /// How long a pushed request can be opened (RFC 9126); whole seconds count. A minute by default. A user who has opened it
    /// in time has ten more minutes.
    #[must_use]
    pub fn pushed_request_lifetime(mut self, lifetime: Duration) -> Self {
        self.pushed_request_lifetime = lifetime;
        self
    }

    /// Whether authorization requests have to be pushed, and the metadata says so (RFC 9126 §5). Off by default.
    #[must_use]
    pub fn require_pushed_authorization_requests(mut self, on: bool) -> Self {
        self.require_pushed_authorization_requests = on;
        self
    }

    /// How long a device may wait for its user (RFC 8628); whole seconds count. Ten minutes by default.
    #[must_use]
    pub fn device_code_lifetime(mut self, lifetime: Duration) -> Self {
        self.device_code_lifetime = lifetime;
        self
    }

    /// How long a device has to wait between two polls, in whole seconds; 5 by default. `None` leaves `interval` out of the
    /// answer, which means 5 too (RFC 8628 §3.2).
    #[must_use]
    pub fn device_interval(mut self, interval: Option<Duration>) -> Self {
        self.device_interval = interval;
        self
    }

    /// One more resource or audience that tokens can be asked for (RFC 8707, RFC 8693). Without any, all are known; with
    /// one, every other is `invalid_target`.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// What a client's assertion must name as its `aud` (RFC 7523 §3).
    #[must_use]
    pub fn assertion_audience(mut self, audience: AssertionAudience) -> Self {
        self.assertion_audience = audience;
        self
    }

    /// Whether a DPoP proof needs a nonce, which then comes with each answer of the token endpoint and of the resources
    /// (RFC 9449 §8 and §9). Off by default.
    #[must_use]
    pub fn dpop_nonces(mut self, on: bool) -> Self {
        self.dpop_nonces = on;
        self
    }

    /// Whether `/` is a page that lists what the server offers, secrets and passwords too, and at which whoever can open it
    /// switches faults. Off by default; `hallpass-testkit serve` has it on.
    #[must_use]
    pub fn front_page(mut self, on: bool) -> Self {
        self.front_page = on;
        self
    }

    /// Where the server believes itself to be.
    pub(crate) fn own_issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or("https://auth.example")
    }

    pub(crate) fn find_client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id() == id)
    }

    /// What the pages call a client.
    pub(crate) fn shown_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.find_client(id).map_or(id, Client::shown_name)
    }

    /// What the consent page says about a scope.
    pub(crate) fn description<'a>(&'a self, scope: &'a str) -> &'a str {
        let found = self.scopes.iter().find(|(known, _)| known == scope);
        found.map_or(scope, |(_, description)| description)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
