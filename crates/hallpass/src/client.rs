//! The client: from a consent URL to a token on a call. What it can do depends on its grant.

mod authorization_code;
mod client_credentials;
mod confidential;
mod device;
mod implicit;
mod legacy_password;
mod session;

use hallpass_grant::{AuthorizationRequest, ClientAuthentication, Error, Misuse};
use hallpass_token::{Expiry, TokenSet};

use crate::credentials::Proof;
use crate::{Credentials, Provider};

/// A client of one provider, with one set of credentials.
///
/// Never changed in place: a login or a refresh gives tokens, and [`clone_with`](Self::clone_with) a client that has them. So one value
/// can serve many users at once, and no two of them ever see each other's tokens.
#[derive(Clone, Debug)]
pub struct Client<G> {
    provider: Provider,
    credentials: Credentials<G>,
}

impl<G: Clone + Default> Client<G> {
    /// A client that has other credentials: another token, or none.
    #[must_use]
    pub fn clone_with(&self, change: impl FnOnce(Credentials<G>) -> Credentials<G>) -> Self {
        Self {
            provider: self.provider.clone(),
            credentials: self.credentials.clone_with(change),
        }
    }

    /// A client that has these tokens: what a login, a refresh or a session gave.
    #[must_use]
    pub fn with_token(&self, token: impl Into<TokenSet>) -> Self {
        self.clone_with(|credentials| credentials.with_token(token))
    }

    /// What this client knows.
    pub fn credentials(&self) -> &Credentials<G> {
        &self.credentials
    }

    /// Where this client is known.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// What the token says about its end, with the credentials' clock skew. `None`: there is no token.
    ///
    /// A token is [`Expired`](Expiry::Expired) from the very second of its end on.
    pub fn token_expiry(&self) -> Option<Expiry> {
        let now = self.provider.driver().now();
        let token = self.credentials.token()?;
        Some(token.expiry(now, self.credentials.clock_skew()))
    }

    fn request(&self) -> AuthorizationRequest {
        AuthorizationRequest::new().scopes(self.credentials.scopes().clone())
    }

    /// The client as the grants know it.
    pub(crate) fn grants(&self) -> Result<hallpass_grant::Client, Error> {
        let id = self.credentials.client_id().unwrap_or("");
        let client = hallpass_grant::Client::new(self.provider.shared_server(), id)?
            .with_profile(self.provider.profile().clone())
            .with_authentication(self.authentication()?);
        let client = match self.credentials.redirect_uri() {
            Some(redirect_uri) => client.with_redirect_uri(redirect_uri)?,
            None => client,
        };
        let client = match self.credentials.dpop() {
            Some(key) => client.with_dpop(key.clone())?,
            None => client,
        };
        let mut resources = self.credentials.resources().iter();
        let client = resources.try_fold(client, |client, uri| client.with_resource(uri))?;
        let audiences = self.credentials.audiences().iter();
        Ok(audiences.fold(client, |client, name| client.with_audience(name)))
    }

    fn authentication(&self) -> Result<ClientAuthentication, Error> {
        let authentication = match self.credentials.proof().clone() {
            Proof::Secret(secret) if self.takes_secrets_in_the_body_alone() => {
                ClientAuthentication::Post(secret)
            }
            Proof::Secret(secret) => ClientAuthentication::Basic(secret),
            Proof::Given(authentication) => authentication,
        };
        match &authentication {
            ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret)
                if secret.is_empty() =>
            {
                Err(Misuse::Missing("client secret").into())
            }
            ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret)
                if secret.expose_secret().contains(char::is_control) =>
            {
                Err(Misuse::Invalid {
                    field: "client secret",
                    reason: "it has a line break or another control character in it: trim what was read from a file",
                }
                .into())
            }
            _ => Ok(authentication),
        }
    }

    fn takes_secrets_in_the_body_alone(&self) -> bool {
        let methods = &self.provider.server().token_endpoint_auth_methods_supported;
        let has = |name| methods.iter().flatten().any(|own| own == name);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

impl<G> Client<G> {
    pub(crate) fn new(provider: Provider, credentials: Credentials<G>) -> Self {
        Self {
            provider,
            credentials,
        }
    }
}
