//! Tokens that are kept, and got anew ahead of their end.

use std::sync::Arc;

use hallpass_grant::Error;
use hallpass_session::{Owner, Session, TokenProvider};
use hallpass_store::{Key, TokenStore};

use crate::grant_type::ForUser;
use crate::{Client, ClientCredentials, blocking};

impl<G: ForUser> Client<G> {
    /// A session: the tokens of one login, kept in a store and refreshed ahead of their end. [`Session::save`] begins it.
    ///
    /// `key` says whose they are: take it from the user who is logged in to the application, never from the request.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials lack.
    pub fn session(&self, store: Arc<dyn TokenStore>, key: Key) -> Result<Session, Error> {
        let session = Session::new(store, key, self.grants()?, self.provider.driver().clone());
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }

    /// The same without async. The driver is what its requests go through, whatever the provider has.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials lack.
    pub fn blocking_session(
        &self,
        store: Arc<dyn blocking::TokenStore>,
        key: Key,
        driver: blocking::Driver,
    ) -> Result<blocking::Session, Error> {
        let session = blocking::Session::new(store, key, self.grants()?, driver);
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }
}

impl Client<ClientCredentials> {
    /// A session of the program's own: a token that is got with the client's credentials when there is none, and again ahead of its end.
    /// Nobody has to log in, and one request is made however many ask.
    ///
    /// With a [`MemoryStore`](crate::store::MemoryStore) each program has a token; with another store those that share it have one
    /// between them. `key` names what the token is for: clients that want other scopes, resources or audiences need keys of their own.
    ///
    /// ```no_run
    /// # async fn example(provider: hallpass::Provider) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use hallpass::{ClientCredentialsCredentials, Key, store::MemoryStore};
    ///
    /// let client = provider.client(
    ///     ClientCredentialsCredentials::new()
    ///         .with_client_id("service")
    ///         .with_client_secret("read it from the environment, or from a file"),
    /// );
    /// let session = client.session(Arc::new(MemoryStore::new()), Key::new("service"))?;
    /// let tokens = session.tokens().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials lack; a missing secret or key is told by
    /// [`Session::tokens`], before anything is sent.
    pub fn session(&self, store: Arc<dyn TokenStore>, key: Key) -> Result<Session, Error> {
        let (client, driver) = (self.grants()?, self.provider.driver().clone());
        let scopes = self.credentials.scopes().clone();
        let session = Session::client_credentials(store, key, client, scopes, driver);
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }

    /// A session whose tokens another grant gives this client that needs no person either: a token exchange, an assertion.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     client: hallpass::Client<hallpass::ClientCredentials>,
    /// #     store: std::sync::Arc<dyn hallpass::TokenStore>,
    /// #     sign_about: fn(&str) -> hallpass::Assertion,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use hallpass::Key;
    ///
    /// let asking = client.clone();
    /// let session = client.session_by(store, Key::new("alice at billing"), move |_last| {
    ///     let client = asking.clone();
    ///     async move { client.fetch_token_by_assertion(sign_about("alice")).await.map(Some) }
    /// })?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials lack.
    pub fn session_by(
        &self,
        store: Arc<dyn TokenStore>,
        key: Key,
        provider: impl TokenProvider + 'static,
    ) -> Result<Session, Error> {
        let (client, driver) = (self.grants()?, self.provider.driver().clone());
        let owner = Owner::from(&client);
        let session = Session::provided(store, key, owner, provider, driver).with_client(client);
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }

    /// [`session`](Self::session) without async. The driver is what its requests go through, whatever the provider has.
    ///
    /// # Errors
    /// As for [`session`](Self::session).
    pub fn blocking_session(
        &self,
        store: Arc<dyn blocking::TokenStore>,
        key: Key,
        driver: blocking::Driver,
    ) -> Result<blocking::Session, Error> {
        let (client, scopes) = (self.grants()?, self.credentials.scopes().clone());
        let session = blocking::Session::client_credentials(store, key, client, scopes, driver);
        Ok(session.with_clock_skew(self.credentials.clock_skew()))
    }
}
