//! What one answer of a token endpoint, or of the authorization endpoint, gave.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_scope::{ScopeDifference, Scopes};

use crate::{AccessToken, Expiry, InvalidToken, Json, Members, RefreshToken, Secret};

/// Tokens and what was said about them (RFC 6749 §5.1).
///
/// A plain value: it serialises, so an application can store it itself and start again
/// from it. Times are stored as UTC seconds since 1970. The error of a serde format that cannot read what was stored may quote
/// it: do not log that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenSet {
    /// What is put on requests.
    pub access_token: AccessToken,
    /// How the access token is used.
    #[serde(default)]
    pub token_type: TokenType,
    /// When the access token ends, UTC. `None`: the server did not say.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "unix_seconds"
    )]
    pub expires_at: Option<UtcDateTime>,
    /// What a new access token is had with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<RefreshToken>,
    /// The scopes the access token has: those the server named, or those asked for when it named none
    /// (RFC 6749 §5.1).
    #[serde(default, skip_serializing_if = "Scopes::is_empty")]
    pub scopes: Scopes,
    /// The ID token exactly as it came, not verified (OpenID Connect Core §3.1.3.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret>,
    /// Members of the answer that no RFC names.
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub extra: Members,
}

impl TokenSet {
    /// A set with nothing but an access token, of type `Bearer`, that ends nobody knows when.
    pub fn new(access_token: AccessToken) -> Self {
        Self {
            access_token,
            token_type: TokenType::Bearer,
            expires_at: None,
            refresh_token: None,
            scopes: Scopes::new(),
            id_token: None,
            extra: Members::default(),
        }
    }

    /// A set with nothing but a bearer token that was handed over by other means.
    ///
    /// # Errors
    /// [`InvalidToken`] for a text that no token can be.
    pub fn bearer(text: impl Into<Secret>) -> Result<Self, InvalidToken> {
        AccessToken::new(text).map(Self::new)
    }

    /// The same set, its access token ending at `expires_at` (UTC).
    #[must_use]
    pub fn with_expiry(mut self, expires_at: UtcDateTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The same set with a refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: RefreshToken) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// The same set with the scopes of its access token.
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Whether the access token has ended `now`, on clocks that may differ by `skew`.
    pub fn expiry(&self, now: UtcDateTime, skew: Duration) -> Expiry {
        Expiry::at(self.expires_at, now, skew)
    }

    /// What was asked for and not given, and what was given and not asked for.
    pub fn compared_with(&self, requested: &Scopes) -> ScopeDifference {
        requested.compared_with(&self.scopes)
    }

    /// A member of the answer that no RFC names.
    pub fn extra(&self, name: &str) -> Option<&Json> {
        self.extra.value(name)
    }
}

/// How an access token is used (RFC 6749 §7.1). Its name is compared without regard to case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TokenType {
    /// Whoever holds it may use it (RFC 6750).
    #[default]
    Bearer,
    /// Only who has the key it is bound to may use it (RFC 9449).
    Dpop,
}

impl TokenType {
    /// Reads a `token_type`; one this library cannot use is `None`.
    pub fn parse(name: &str) -> Option<Self> {
        let types = [Self::Bearer, Self::Dpop];
        types
            .into_iter()
            .find(|own| name.eq_ignore_ascii_case(own.scheme()))
    }

    /// The scheme of an `Authorization` header for it (RFC 6750 §2.1, RFC 9449 §7.1).
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme())
    }
}

mod unix_seconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use time::UtcDateTime;

    pub(super) fn serialize<S: Serializer>(
        at: &Option<UtcDateTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(UtcDateTime::unix_timestamp).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<UtcDateTime>, D::Error> {
        Option::<i64>::deserialize(deserializer)?
            .map(UtcDateTime::from_unix_timestamp)
            .transpose()
            .map_err(|_| D::Error::custom("seconds that no date has"))
    }
}
