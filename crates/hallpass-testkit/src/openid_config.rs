//! What OpenID Connect adds to the settings.

use std::time::Duration;

use crate::Config;

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

    /// Lets whoever comes to the authorization endpoint be this user, who allows everything at once, without a page: for
    /// clients whose browser only follows redirects.
    #[must_use]
    pub fn allow_at_once(mut self, user: impl Into<String>) -> Self {
        self.allow_at_once = Some(user.into());
        self
    }
}
