//! Logins in a browser, by the implicit grant.

use hallpass_grant::{AuthorizationRequest, AuthorizationUrl, Callback, Error, Pending, Token};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::{Client, Implicit};

impl Client<Implicit> {
    /// Begins a login. Send the user agent to the address; keep the [`Pending`] in that user's session until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials or the server's metadata lack.
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
        let grants = self.grants()?;
        grants.implicit()?.begin(request, &mut OsRandom, now)
    }

    /// Checks what the user agent brought back and takes the token out of it. Nothing is sent.
    ///
    /// # Errors
    /// Every check's own error; [`Misuse::OtherClient`](crate::Misuse::OtherClient) when another client began that login.
    pub fn receive_token<'a>(
        &self,
        pending: Pending<Token>,
        callback: impl Into<Callback<'a>>,
    ) -> Result<TokenSet, Error> {
        let now = self.provider.driver().now();
        let grants = self.grants()?;
        grants.implicit()?.receive(pending, &callback.into(), now)
    }
}
