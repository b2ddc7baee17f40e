//! What every client that can prove itself can do with the tokens it has.

use hallpass_grant::{Error, Introspection, IssuedToken, Misuse};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::grant_type::ForUser;
use crate::{Client, Confidential};

impl<G: ForUser> Client<G> {
    /// Gets new tokens with the refresh token, for an application that stores them itself; with a [`Session`](crate::Session), use
    /// [`Session::refresh`](crate::Session::refresh), which also saves them. The old refresh token stays in the answer if the server sent no new one.
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
}

impl<G: Confidential> Client<G> {
    /// Takes the credentials' token back (RFC 7009): the refresh token where there is one, and with it, at most servers, every access
    /// token; else the access token.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when there is no token, or the server has no revocation endpoint; then what the server may answer.
    pub async fn revoke_token(&self) -> Result<(), Error> {
        let token = self.credentials.token();
        let token = token.ok_or(Misuse::Missing("token"))?;
        let issued = match &token.refresh_token {
            Some(refresh) => IssuedToken::Refresh(refresh),
            None => IssuedToken::Access(&token.access_token),
        };
        let mut call = self.grants()?.revoke(issued, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }

    /// Asks the server about a token that somebody has brought (RFC 7662): for an API that protects itself with this server's tokens.
    ///
    /// # Errors
    /// [`Misuse::Missing`] for a client with nothing to prove itself with, and when the server has no introspection endpoint; then
    /// what the server may answer.
    pub async fn introspect<'t>(
        &self,
        token: impl Into<IssuedToken<'t>>,
    ) -> Result<Introspection, Error> {
        let mut call = self.grants()?.introspect(token, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }
}
