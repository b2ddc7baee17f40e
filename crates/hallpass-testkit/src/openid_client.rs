//! What OpenID Connect adds to a client (OpenID Connect Dynamic Client Registration §2).

use crate::{Algorithm, Client, Jwt};

/// A client's settings that plain OAuth does not know.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct OpenIdSettings {
    pub(crate) id_token_algorithm: Option<Algorithm>,
    pub(crate) user_info_algorithm: Option<Algorithm>,
    pub(crate) request_object_algorithm: Option<Algorithm>,
    pub(crate) application_type: Option<String>,
    pub(crate) default_max_age: Option<u64>,
    pub(crate) require_auth_time: bool,
    pub(crate) request_uris: Vec<String>,
    pub(crate) initiate_login_uri: Option<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) front_channel_logout_uri: Option<String>,
    /// Whether `iss` and `sid` go with it.
    pub(crate) front_channel_session: bool,
    pub(crate) back_channel_logout_uri: Option<String>,
    pub(crate) back_channel_session: bool,
}

impl Client {
    /// How its ID tokens are signed (`id_token_signed_response_alg`); RS256 if left out.
    #[must_use]
    pub fn id_token_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.openid.id_token_algorithm = Some(algorithm);
        self
    }

    /// Signs what UserInfo says to it (`userinfo_signed_response_alg`); left out, that is plain JSON.
    #[must_use]
    pub fn user_info_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.openid.user_info_algorithm = Some(algorithm);
        self
    }

    /// How old a login may be, in seconds, where the client does not say (`default_max_age`).
    #[must_use]
    pub fn default_max_age(mut self, seconds: u64) -> Self {
        self.openid.default_max_age = Some(seconds);
        self
    }

    /// Takes request objects that are signed so alone (`request_object_signing_alg`). Left out, any it can sign, and
    /// unsigned ones.
    #[must_use]
    pub fn request_object_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.openid.request_object_algorithm = Some(algorithm);
        self
    }

    /// Where a login that begins elsewhere goes on (`initiate_login_uri`).
    #[must_use]
    pub fn initiate_login_uri(mut self, uri: impl Into<String>) -> Self {
        self.openid.initiate_login_uri = Some(uri.into());
        self
    }

    /// One more address that a user may come to after a logout (`post_logout_redirect_uris`). It is compared as a redirect URI
    /// is.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.openid.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// What a browser opens in a frame when a session ends, with `iss` and `sid` (`frontchannel_logout_uri`).
    #[must_use]
    pub fn front_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.openid.front_channel_logout_uri = Some(uri.into());
        self.openid.front_channel_session = true;
        self
    }

    /// Where logout tokens go when a session ends (`backchannel_logout_uri`).
    #[must_use]
    pub fn back_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.openid.back_channel_logout_uri = Some(uri.into());
        self.openid.back_channel_session = true;
        self
    }

    /// How this JWT is signed for it. What comes through a browser is never unsigned.
    pub(crate) fn algorithm(&self, jwt: Jwt) -> Algorithm {
        let chosen = match jwt {
            Jwt::UserInfo => self.openid.user_info_algorithm,
            _ => self.openid.id_token_algorithm,
        };
        match (chosen.unwrap_or_default(), jwt) {
            (Algorithm::None, Jwt::FrontIdToken | Jwt::LogoutToken) => Algorithm::Rs256,
            (chosen, _) => chosen,
        }
    }
}
