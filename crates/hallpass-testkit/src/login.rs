//! What is remembered of a login that a client asked for by the scope `openid`.

use crate::claims::ClaimsRequest;

/// What a grant's ID tokens say.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Login {
    /// When the user showed who they are, in seconds since 1970.
    pub(crate) auth_time: u64,
    /// The session at the server (OpenID Connect Front-Channel Logout §3).
    pub(crate) sid: String,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: Option<String>,
    pub(crate) asked: ClaimsRequest,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("auth_time", &self.auth_time)
            .finish_non_exhaustive()
    }
}
