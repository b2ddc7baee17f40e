//! What a logout token has to be (OpenID Connect Back-Channel Logout §2.4, §2.6).

use std::time::Duration;

use super::SessionRequirement;
use crate::{JwtRules, RelyingParty};

/// What a logout token has to be: signed as the ID tokens of the same client are, of its own kind, fresh, and with all claims of its kind.
#[derive(Clone, Debug)]
#[must_use = "rules check nothing by themselves"]
pub struct LogoutRules {
    pub(super) token: JwtRules,
    pub(super) session: SessionRequirement,
    oldest: Duration,
}

/// How old a logout token may be, unless said otherwise: a provider sends it when it is made.
const OLDEST: Duration = Duration::from_secs(10 * 60);

const CLAIMS: &[&str] = &["iss", "aud", "iat", "exp", "jti", "events"];
const CLAIMS_OF_DRAFTS: &[&str] = &["iss", "aud", "iat", "jti", "events"];

impl LogoutRules {
    /// Logout tokens of the provider whose ID tokens have to be so: the keys, algorithms, secret and audience of those count, and a logout
    /// token is encrypted where they are.
    pub fn new(id_token: JwtRules) -> Self {
        let token = id_token
            .with_type("logout+jwt")
            .requiring_only(CLAIMS)
            .not_older_than(OLDEST);
        Self {
            token,
            session: SessionRequirement::Optional,
            oldest: OLDEST,
        }
    }

    /// They must say which session is over, as this client is registered (`backchannel_logout_session_required`).
    pub fn with_session(mut self, session: SessionRequirement) -> Self {
        self.session = session;
        self
    }

    /// Issued at most so long ago: without this, ten minutes.
    pub fn not_older_than(mut self, oldest: Duration) -> Self {
        self.token = self.token.not_older_than(oldest);
        self.oldest = oldest;
        self
    }

    /// They may come without `exp`, as they did before the specification was final: then their age alone counts.
    pub fn without_expiry(mut self) -> Self {
        self.token = self.token.requiring_only(CLAIMS_OF_DRAFTS);
        self
    }

    /// How long after its issue a token may be taken, whatever the clocks.
    pub(super) fn longest(&self) -> time::Duration {
        let longest = self.oldest.saturating_add(self.token.leeway());
        time::Duration::try_from(longest).unwrap_or(time::Duration::MAX)
    }
}

impl RelyingParty {
    /// What a logout token of this provider's has to be for this client.
    pub fn logout_rules(&self) -> LogoutRules {
        LogoutRules::new(self.rules().clone())
    }
}
