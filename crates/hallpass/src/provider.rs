//! An authorization server, with a name and a way to reach it.

use std::sync::Arc;

use hallpass_grant::{
    ClientMetadata, Conversation, Discovery, Error, Issuer, Profile, RegisteredClient,
    ServerMetadata,
};
use hallpass_http::{Driver, Signer};
use hallpass_token::AccessToken;

use crate::{Client, Credentials};

/// An authorization server as an application uses it: its name in messages, its metadata, how it differs from
/// the RFCs, and what requests to it go through.
#[derive(Clone, Debug)]
pub struct Provider {
    name: Arc<str>,
    server: Arc<ServerMetadata>,
    profile: Profile,
    driver: Driver,
}

impl Provider {
    /// A server whose endpoints are known. `name` stands in messages, as `OAuthACG` does in
    /// `[OAuthACG: OAuthToken is undefined or expired.]`.
    ///
    /// # Errors
    /// [`Misuse::Invalid`](crate::Misuse::Invalid) when this machine has no root certificates to trust.
    #[cfg(feature = "reqwest")]
    pub fn new(name: &str, server: ServerMetadata) -> Result<Self, Error> {
        Ok(Self::with_driver(name, server, Driver::tokio()?))
    }

    /// Asks a server for its metadata (RFC 8414, OpenID Connect Discovery).
    ///
    /// # Errors
    /// What [`Discovery`] can end with.
    #[cfg(feature = "reqwest")]
    pub async fn discover(name: &str, issuer: Issuer) -> Result<Self, Error> {
        Self::discover_with(name, issuer, Driver::tokio()?).await
    }

    /// A server reached through a driver of the caller's.
    pub fn with_driver(name: &str, server: ServerMetadata, driver: Driver) -> Self {
        Self {
            name: name.into(),
            server: Arc::new(server),
            profile: Profile::STRICT,
            driver,
        }
    }

    /// Asks a server for its metadata through a driver of the caller's.
    ///
    /// # Errors
    /// What [`Discovery`] can end with.
    pub async fn discover_with(name: &str, issuer: Issuer, driver: Driver) -> Result<Self, Error> {
        Self::discover_with_profile(name, issuer, Profile::STRICT, driver).await
    }

    /// The same for a server that is known to differ from the RFCs, also in its metadata.
    ///
    /// # Errors
    /// What [`Discovery`] can end with.
    pub async fn discover_with_profile(
        name: &str,
        issuer: Issuer,
        profile: Profile,
        driver: Driver,
    ) -> Result<Self, Error> {
        let mut discovery = Discovery::new(issuer).with_profile(&profile);
        let server = driver.drive(&mut discovery).await?;
        Ok(Self::with_driver(name, server, driver).with_profile(profile))
    }

    /// Registers a client with the server (RFC 7591). `initial` entitles to it, at servers that do not let everybody register.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) when the server has no registration endpoint; then what the server may answer.
    pub async fn register(
        &self,
        metadata: &ClientMetadata,
        initial: Option<&AccessToken>,
    ) -> Result<RegisteredClient, Error> {
        let mut call = self.server.register(metadata, initial)?;
        self.drive(&mut call).await
    }

    /// Carries out any conversation with the server: `provider.drive(&mut registered.delete()?).await?`.
    ///
    /// # Errors
    /// The conversation's own.
    pub async fn drive<C: Conversation + ?Sized>(
        &self,
        conversation: &mut C,
    ) -> Result<C::Output, Error> {
        self.driver.drive(conversation).await
    }

    /// The same server, known to differ from the RFCs.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same server, with who signs for clients that prove themselves with a key, bind their tokens to one, or sign assertions.
    ///
    /// ```
    /// use hallpass::driver::async_trait;
    /// use hallpass::{SignError, Signature, Signer, SigningInput};
    ///
    /// struct KeyService;
    ///
    /// #[async_trait]
    /// impl Signer for KeyService {
    ///     async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
    ///         // The key `input.key().id()` signs `input.bytes()`. For ES256 what comes is r and s, 32 bytes each, and not DER.
    ///         # async fn ask(_: &str, _: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(vec![0; 64]) }
    ///         let signature = ask(input.key().id(), input.bytes()).await;
    ///         signature.map(Signature::new).map_err(SignError::failed)
    ///     }
    /// }
    /// # fn example(provider: hallpass::Provider) {
    /// let provider = provider.with_signer(KeyService);
    /// # }
    /// ```
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.driver = self.driver.with_signer(signer);
        self
    }

    /// A client of this server.
    pub fn client<G>(&self, credentials: Credentials<G>) -> Client<G> {
        Client::new(self.clone(), credentials)
    }

    /// The name in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the server says of itself.
    pub fn server(&self) -> &ServerMetadata {
        &self.server
    }

    pub(crate) fn shared_server(&self) -> Arc<ServerMetadata> {
        self.server.clone()
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn driver(&self) -> &Driver {
        &self.driver
    }
}
