//! What OpenID Connect adds to the settings.

use std::time::Duration;

use crate::{Config, Value};

impl Config {
    /// How long an ID token is good; whole seconds count. Ten minutes by default.
    #[must_use]
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.id_token_lifetime = lifetime;
        self
    }

    /// What `Cache-Control` says at `jwks_uri`: `public, max-age=300` by default; `None` says nothing.
    #[must_use]
    pub fn jwks_cache_control(mut self, value: Option<&str>) -> Self {
        self.jwks_cache_control = value.map(str::to_owned);
        self
    }

    /// One more claim that UserInfo brings along as another provider's, signed (OpenID Connect Core §5.6.2).
    #[must_use]
    pub fn aggregated_claim(mut self, name: impl Into<String>, value: Value) -> Self {
        self.aggregated_claims.push((name.into(), value));
        self
    }

    /// One more claim that UserInfo says is elsewhere, where it comes signed (OpenID Connect Core §5.6.2).
    #[must_use]
    pub fn distributed_claim(mut self, name: impl Into<String>, value: Value) -> Self {
        self.distributed_claims.push((name.into(), value));
        self
    }

    /// Lets whoever comes to the authorization endpoint be this user, who allows everything at once, without a page: for
    /// clients whose browser only follows redirects.
    #[must_use]
    pub fn allow_at_once(mut self, user: impl Into<String>) -> Self {
        self.allow_at_once = Some(user.into());
        self
    }
}
