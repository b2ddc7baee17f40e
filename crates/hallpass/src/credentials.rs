//! What an application knows of itself and of one user: a plain value, never changed in place.

use std::time::Duration;

use hallpass_grant::SigningKeyName;
use hallpass_scope::Scopes;
use hallpass_token::{Secret, TokenSet};

use crate::ClockSkew;

/// The credentials of one grant: [`AuthorizationCodeCredentials`] or [`ImplicitCredentials`].
///
/// Nothing is required here; a call that needs something says by name what is missing. So a stored token alone is
/// enough to make calls with: `Credentials::default().with_token(tokens)`.
#[derive(Clone, Debug, Default)]
pub struct Credentials<G> {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    scopes: Scopes,
    token: Option<TokenSet>,
    clock_skew: ClockSkew,
    grant: G,
}

/// Credentials of the authorization code grant (RFC 6749 §4.1).
pub type AuthorizationCodeCredentials = Credentials<AuthorizationCode>;

/// Credentials of the implicit grant (RFC 6749 §4.2).
pub type ImplicitCredentials = Credentials<Implicit>;

/// The authorization code grant: what its credentials have besides the others'.
#[derive(Clone, Debug, Default)]
pub struct AuthorizationCode {
    pub(crate) proof: Proof,
}

/// The implicit grant: its clients have no secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct Implicit;

/// How the client proves who it is.
#[derive(Clone, Debug, Default)]
pub(crate) enum Proof {
    #[default]
    None,
    Secret(Secret),
    SecretInBody(Secret),
    Key(SigningKeyName),
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

    /// With the tokens of an earlier login.
    #[must_use]
    pub fn with_token(mut self, token: TokenSet) -> Self {
        self.token = Some(token);
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

    pub(crate) fn grant(&self) -> &G {
        &self.grant
    }
}

impl AuthorizationCodeCredentials {
    /// With the client secret, sent as RFC 6749 §2.3.1 prefers it: form-encoded, in an `Authorization: Basic` header.
    /// A client without one is public; PKCE protects it all the same.
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.grant.proof = Proof::Secret(secret.into());
        self
    }

    /// With the client secret in the body, for servers that take it nowhere else.
    #[must_use]
    pub fn with_client_secret_in_body(mut self, secret: impl Into<Secret>) -> Self {
        self.grant.proof = Proof::SecretInBody(secret.into());
        self
    }

    /// With a key that signs an assertion in place of a secret (`private_key_jwt`, RFC 7523). The provider's signer holds the key.
    #[must_use]
    pub fn with_private_key(mut self, key: SigningKeyName) -> Self {
        self.grant.proof = Proof::Key(key);
        self
    }

    /// The client secret, if there is one.
    pub fn client_secret(&self) -> Option<&Secret> {
        match &self.grant.proof {
            Proof::Secret(secret) | Proof::SecretInBody(secret) => Some(secret),
            Proof::None | Proof::Key(_) => None,
        }
    }
}
