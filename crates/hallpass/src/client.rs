//! The client: from a consent URL to a token on a call.

use std::sync::Arc;

use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Callback, ClientAuthentication, Code, Error, Misuse,
    Pending, Token,
};
use hallpass_http::OsRandom;
use hallpass_session::Session;
use hallpass_store::{Key, TokenStore};
use hallpass_token::{Expiry, Secret, TokenSet};

use crate::credentials::Proof;
use crate::{AuthorizationCode, Credentials, Implicit, Provider};

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

    /// The client as the grants know it, without a proof of who it is.
    fn unproven(&self) -> Result<hallpass_grant::Client, Error> {
        let id = self.credentials.client_id().unwrap_or("");
        let client = hallpass_grant::Client::new(self.provider.shared_server(), id)?
            .with_profile(self.provider.profile().clone());
        match self.credentials.redirect_uri() {
            Some(redirect_uri) => client.with_redirect_uri(redirect_uri),
            None => Ok(client),
        }
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

impl Client<AuthorizationCode> {
    /// Begins a login. Send the user agent to the address; keep the [`Pending`] in that user's session until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials or the server's metadata lack;
    /// [`Violation::PkceUnsupported`](crate::Violation::PkceUnsupported).
    pub fn authorization_url(&self) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        self.authorization_url_with(Ok)
    }

    /// Begins a login that asks for more: a `prompt`, another response mode.
    ///
    /// # Errors
    /// As for [`authorization_url`](Self::authorization_url), and whatever `change` answers.
    pub fn authorization_url_with(
        &self,
        change: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        let request = change(self.request())?;
        let now = self.provider.driver().now();
        self.grants()?.code()?.begin(request, &mut OsRandom, now)
    }

    /// Checks what the user agent brought back and exchanges the code for tokens.
    ///
    /// # Errors
    /// Every check's own error, before any request is sent; then what the token endpoint may answer.
    pub async fn fetch_token<'a>(
        &self,
        pending: Pending<Code>,
        callback: impl Into<Callback<'a>>,
    ) -> Result<TokenSet, Error> {
        let driver = self.provider.driver();
        let code = pending.receive(&callback.into(), driver.now())?;
        driver.drive(&mut self.grants()?.exchange(code)?).await
    }

    /// Gets new tokens with the refresh token, for an application that stores them itself; with a [`Session`], use
    /// [`Session::refresh`], which also saves them. The old refresh token stays in the answer if the server sent no new one.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when there is no token or it has no refresh token: nothing is sent then.
    pub async fn refresh_token(&self) -> Result<TokenSet, Error> {
        let token = self.credentials.token();
        let token = token.ok_or(Misuse::Missing("token"))?;
        let refresh = token.refresh_token.as_ref();
        let refresh = refresh.ok_or(Misuse::Missing("refresh token"))?;
        let mut call = self
            .grants()?
            .refresh(refresh, &token.scopes, None, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }

    /// A session: tokens kept in a store, refreshed when they end.
    ///
    /// `key` says whose they are: take it from the user who is logged in to the application, never from the request.
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials lack.
    pub fn session(&self, store: Arc<dyn TokenStore>, key: Key) -> Result<Session, Error> {
        let session = Session::new(store, key, self.grants()?, self.provider.driver().clone());
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }

    fn grants(&self) -> Result<hallpass_grant::Client, Error> {
        let authentication = match self.credentials.grant().proof.clone() {
            Proof::None => ClientAuthentication::None,
            Proof::Secret(secret) => ClientAuthentication::Basic(filled(secret)?),
            Proof::SecretInBody(secret) => ClientAuthentication::Post(filled(secret)?),
            Proof::Key(key) => ClientAuthentication::PrivateKeyJwt(key),
        };
        Ok(self.unproven()?.with_authentication(authentication))
    }
}

impl Client<Implicit> {
    /// Begins a login. Send the user agent to the address; keep the [`Pending`] in that user's session until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials or the server's metadata lack.
    pub fn authorization_url(&self) -> Result<(AuthorizationUrl, Pending<Token>), Error> {
        self.authorization_url_with(Ok)
    }

    /// Begins a login that asks for more: a `prompt`, another response mode.
    ///
    /// # Errors
    /// As for [`authorization_url`](Self::authorization_url), and whatever `change` answers.
    pub fn authorization_url_with(
        &self,
        change: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
    ) -> Result<(AuthorizationUrl, Pending<Token>), Error> {
        let request = change(self.request())?;
        let now = self.provider.driver().now();
        self.unproven()?
            .implicit()?
            .begin(request, &mut OsRandom, now)
    }

    /// Checks what the user agent brought back and takes the token out of it. Nothing is sent.
    ///
    /// # Errors
    /// Every check's own error.
    pub fn receive_token<'a>(
        &self,
        pending: Pending<Token>,
        callback: impl Into<Callback<'a>>,
    ) -> Result<TokenSet, Error> {
        pending.receive(&callback.into(), self.provider.driver().now())
    }
}

fn filled(secret: Secret) -> Result<Secret, Error> {
    match secret.is_empty() {
        true => Err(Misuse::Missing("client secret").into()),
        false => Ok(secret),
    }
}
