//! What an application knows of itself and of one user: a plain value, never changed in place.

use std::fmt;
use std::time::Duration;

use hallpass_grant::{
    ClientAuthentication, DpopKey, Error, MacKey, RegisteredClient, SigningKeyName,
};
use hallpass_scope::Scopes;
use hallpass_token::{Secret, TokenSet};

use crate::{
    AuthorizationCode, ClientCredentials, ClockSkew, Confidential, Device, Implicit, LegacyPassword,
};

/// The credentials of one grant, which is `G`: [`AuthorizationCodeCredentials`] and the others.
///
/// Nothing is required here; a call that needs something says by name what is missing. So a stored token alone is
/// enough to make calls with: `Credentials::default().with_token(tokens)`.
#[derive(Clone, Default)]
pub struct Credentials<G> {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    scopes: Scopes,
    resources: Vec<String>,
    audiences: Vec<String>,
    token: Option<TokenSet>,
    clock_skew: ClockSkew,
    proof: Proof,
    dpop: Option<DpopKey>,
    grant: G,
}

/// Credentials of the authorization code grant (RFC 6749 §4.1).
pub type AuthorizationCodeCredentials = Credentials<AuthorizationCode>;

/// Credentials of the implicit grant (RFC 6749 §4.2).
pub type ImplicitCredentials = Credentials<Implicit>;

/// Credentials of the client credentials grant (RFC 6749 §4.4).
pub type ClientCredentialsCredentials = Credentials<ClientCredentials>;

/// Credentials of the device authorization grant (RFC 8628).
pub type DeviceCredentials = Credentials<Device>;

/// **Legacy:** credentials of the password grant (RFC 6749 §4.3).
pub type LegacyPasswordCredentials = Credentials<LegacyPassword>;

/// How the client proves who it is.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// A secret, sent as the server's metadata says.
    Secret(Secret),
    Given(ClientAuthentication),
}

impl Default for Proof {
    fn default() -> Self {
        Self::Given(ClientAuthentication::None)
    }
}

impl<G: Clone + Default> Credentials<G> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy to be changed: the original stays as it is.
    ///
    /// ```
    /// # use hallpass::ImplicitCredentials;
    /// let before = ImplicitCredentials::new().with_client_id("a");
    /// let after = before.clone_with(|copy| copy.with_client_id("b").without_token());
    /// assert_eq!((before.client_id(), after.client_id()), (Some("a"), Some("b")));
    /// ```
    #[must_use]
    pub fn clone_with(&self, change: impl FnOnce(Self) -> Self) -> Self {
        change(self.clone())
    }

    /// With the client id the authorization server knows this application by.
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// With the redirect URI as it is registered. Without one the server uses the only one it knows.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(redirect_uri.into());
        self
    }

    /// With the scopes to ask for: of a scope enum (`[FileScope::ReadScope]`), or read from text
    /// (`Scopes::parse("read write")?`).
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// With one more resource that tokens are to be good at (RFC 8707): the absolute address of an API.
    #[must_use]
    pub fn with_resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// With one more audience that tokens are to be good for, by the name that the server knows it by.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// With the tokens of an earlier login.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<TokenSet>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Without any token.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Takes a token for expired this much earlier than it says.
    #[must_use]
    pub fn with_clock_skew(mut self, clock_skew: impl Into<ClockSkew>) -> Self {
        self.clock_skew = clock_skew.into();
        self
    }

    /// The client id.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The redirect URI.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.redirect_uri.as_deref()
    }

    /// The scopes to ask for.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The tokens.
    pub fn token(&self) -> Option<&TokenSet> {
        self.token.as_ref()
    }

    /// How much earlier than it says a token is taken for expired.
    pub fn clock_skew(&self) -> Duration {
        self.clock_skew.duration()
    }

    pub(crate) fn resources(&self) -> &[String] {
        &self.resources
    }

    pub(crate) fn audiences(&self) -> &[String] {
        &self.audiences
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }

    pub(crate) fn dpop(&self) -> Option<&DpopKey> {
        self.dpop.as_ref()
    }

    pub(crate) fn grant(&self) -> &G {
        &self.grant
    }
}

/// Shows no query.
impl<G: fmt::Debug> fmt::Debug for Credentials<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |uri: &str| uri.split(['?', '#']).next().map(str::to_owned);
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri.as_deref().and_then(path))
            .field("scopes", &self.scopes)
            .field("token", &self.token)
            .field("clock_skew", &self.clock_skew)
            .field("proof", &self.proof)
            .field("dpop", &self.dpop)
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

impl<G: Confidential> Credentials<G> {
    /// Credentials of a client that has registered itself: its id, its redirect URI if it has just one, and what proves it, in the one
    /// way it is registered for. `key` is its key's name, where that is `private_key_jwt`.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) when that way needs a secret or a key and there is none;
    /// [`Misuse::Invalid`](crate::Misuse::Invalid) for a way this library does not know.
    pub fn of_registered(
        registered: &RegisteredClient,
        key: Option<SigningKeyName>,
    ) -> Result<Self, Error> {
        let redirect_uri = match registered.metadata.redirect_uris.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        Ok(Self {
            client_id: Some(registered.client_id.clone()),
            redirect_uri,
            proof: Proof::Given(registered.authentication(key)?),
            ..Self::default()
        })
    }

    /// With the client secret, sent as RFC 6749 §2.3.1 prefers it: form-encoded, in an `Authorization: Basic` header; or in the
    /// body, where the server's metadata says that it takes it there alone. A client without one is public; PKCE protects its logins
    /// all the same.
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.proof = Proof::Secret(secret.into());
        self
    }

    /// With the client secret in the body, for servers that take it nowhere else and do not say so.
    #[must_use]
    pub fn with_client_secret_in_body(mut self, secret: impl Into<Secret>) -> Self {
        self.proof = Proof::Given(ClientAuthentication::Post(secret.into()));
        self
    }

    /// With a key that signs an assertion in place of a secret (`private_key_jwt`, RFC 7523). The provider's signer holds the key.
    #[must_use]
    pub fn with_private_key(mut self, key: SigningKeyName) -> Self {
        self.proof = Proof::Given(ClientAuthentication::PrivateKeyJwt(key));
        self
    }

    /// With the client secret, which signs an assertion in place of being sent (`client_secret_jwt`, OpenID Connect Core §9).
    #[must_use]
    pub fn with_signing_secret(mut self, key: MacKey) -> Self {
        self.proof = Proof::Given(ClientAuthentication::SecretJwt(key));
        self
    }

    /// With the certificate that the provider's transport shows, in place of a secret (`tls_client_auth` and
    /// `self_signed_tls_client_auth`, RFC 8705): give it an HTTP client that has one.
    #[must_use]
    pub fn with_client_certificate(mut self) -> Self {
        self.proof = Proof::Given(ClientAuthentication::MutualTls);
        self
    }

    /// With a key that tokens are bound to (DPoP, RFC 9449): who steals one cannot use it. The provider's signer holds the key.
    #[must_use]
    pub fn with_dpop(mut self, key: DpopKey) -> Self {
        self.dpop = Some(key);
        self
    }

    /// The client secret, if there is one.
    pub fn client_secret(&self) -> Option<&Secret> {
        match &self.proof {
            Proof::Secret(secret)
            | Proof::Given(
                ClientAuthentication::Basic(secret) | ClientAuthentication::Post(secret),
            ) => Some(secret),
            Proof::Given(ClientAuthentication::SecretJwt(key)) => Some(key.secret()),
            Proof::Given(_) => None,
        }
    }
}

impl LegacyPasswordCredentials {
    /// With the user's name and password. Keep them no longer than it takes to get tokens:
    /// [`without_user`](Self::without_user).
    #[must_use]
    pub fn with_user(mut self, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.grant.user = Some((username.into(), password.into()));
        self
    }

    /// Without the user's name and password.
    #[must_use]
    pub fn without_user(mut self) -> Self {
        self.grant.user = None;
        self
    }
}
