//! Tokens for a program that acts for itself, or passes on what it was given.

use hallpass_grant::{Error, ExchangedToken, JwtBearer, TokenExchange};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::{Client, ClientCredentials};

impl Client<ClientCredentials> {
    /// Gets a token for the program itself (RFC 6749 §4.4). Each call asks the server: keep what comes until it ends.
    ///
    /// ```no_run
    /// # async fn example(provider: hallpass::Provider) -> Result<(), hallpass::ProviderError> {
    /// use hallpass::ClientCredentialsCredentials;
    ///
    /// let client = provider.client(
    ///     ClientCredentialsCredentials::new()
    ///         .with_client_id("service")
    ///         .with_client_secret("read it from the environment, or from a file"),
    /// );
    /// let tokens = client.fetch_token().await?;
    /// let client = client.with_token(tokens);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) when the client has nothing to prove itself with; then what the token endpoint may
    /// answer.
    pub async fn fetch_token(&self) -> Result<TokenSet, Error> {
        let mut call = self
            .grants()?
            .client_credentials(self.credentials.scopes(), &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }

    /// Gets a token with an assertion about somebody (RFC 7523 §2.1): one that this program signs, or one that it was given.
    ///
    /// # Errors
    /// What the token endpoint may answer.
    pub async fn fetch_token_by_assertion(
        &self,
        assertion: impl Into<JwtBearer>,
    ) -> Result<TokenSet, Error> {
        let scopes = self.credentials.scopes();
        let mut call = self
            .grants()?
            .jwt_bearer(assertion.into(), scopes, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }

    /// Exchanges a token that this program was given for one that it can use elsewhere (RFC 8693). What it is to be good for stands
    /// in the exchange.
    ///
    /// # Errors
    /// What the token endpoint may answer.
    pub async fn exchange_token(&self, exchange: &TokenExchange) -> Result<ExchangedToken, Error> {
        let mut call = self.grants()?.token_exchange(exchange, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }
}
