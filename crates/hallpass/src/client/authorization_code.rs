//! Logins in a browser, by code.

use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Callback, Code, Error, Pending, PushedRequest,
};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::{AuthorizationCode, Client};

impl Client<AuthorizationCode> {
    /// Begins a login. Send the user agent to the address; keep the [`Pending`] in that user's session until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials or the server's metadata lack;
    /// [`Misuse::PushRequired`](crate::Misuse::PushRequired) where only [`push_authorization_request`](Self::push_authorization_request)
    /// will do; [`Violation::PkceUnsupported`](crate::Violation::PkceUnsupported).
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

    /// Begins a login by telling the server first what is asked for (RFC 9126), so that nobody on the way can see or change it. Send the
    /// user agent to the address at once: the reference in it ends within a minute or so, and is good for one visit.
    ///
    /// # Errors
    /// As for [`authorization_url`](Self::authorization_url), and what the server may answer.
    pub async fn push_authorization_request(
        &self,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        self.push_authorization_request_with(Ok).await
    }

    /// The same for a login that asks for more: a `prompt`, another response mode.
    ///
    /// # Errors
    /// As for [`push_authorization_request`](Self::push_authorization_request), and whatever `change` answers.
    pub async fn push_authorization_request_with(
        &self,
        change: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        let driver = self.provider.driver();
        let request = change(self.request())?;
        let grants = self.grants()?;
        let mut push = grants.code()?.push(request, &mut OsRandom, driver.now())?;
        let pushed: PushedRequest = driver.drive(&mut push).await?;
        pushed.begin(driver.now())
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
}
