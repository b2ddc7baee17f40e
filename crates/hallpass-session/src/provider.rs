//! Tokens that can be had again without a person.

use async_trait::async_trait;

use hallpass_grant::token::{Scopes, TokenSet};
use hallpass_grant::{Client, Error};
use hallpass_http::{Driver, OsRandom};

/// A way to tokens of the application's own: another grant, another service, a vault.
///
/// A session asks it once, however many callers wait, and ahead of the tokens' end; a failure is remembered for a while. Any
/// `Fn(Option<TokenSet>)` that answers with a future of the same result is one.
#[async_trait]
pub trait TokenProvider: Send + Sync {
    /// New tokens; `None`: there are none to be had now. `last` are those there were, if there were any.
    ///
    /// # Errors
    /// Whatever keeps it from telling. [`Error::transport`] makes an error of anything else that may pass.
    async fn provide(&self, last: Option<TokenSet>) -> Result<Option<TokenSet>, Error>;
}

#[async_trait]
impl<F, A> TokenProvider for F
where
    F: Fn(Option<TokenSet>) -> A + Send + Sync,
    A: Future<Output = Result<Option<TokenSet>, Error>> + Send,
{
    async fn provide(&self, last: Option<TokenSet>) -> Result<Option<TokenSet>, Error> {
        self(last).await
    }
}

/// The client credentials grant (RFC 6749 §4.4).
pub(crate) struct ClientCredentials {
    pub(crate) client: Client,
    pub(crate) scopes: Scopes,
    pub(crate) driver: Driver,
}

#[async_trait]
impl TokenProvider for ClientCredentials {
    async fn provide(&self, _: Option<TokenSet>) -> Result<Option<TokenSet>, Error> {
        let mut call = self
            .client
            .client_credentials(&self.scopes, &mut OsRandom)?;
        self.driver.drive(&mut call).await.map(Some)
    }
}
