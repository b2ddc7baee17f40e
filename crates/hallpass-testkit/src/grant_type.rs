//! The ways to a token.

/// What a client may do.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GrantType {
    /// `response_type=code` (RFC 6749 §4.1).
    AuthorizationCode,
    /// `response_type=token` (RFC 6749 §4.2).
    Implicit,
    /// `grant_type=refresh_token` (RFC 6749 §6). Without it the client gets no refresh tokens.
    RefreshToken,
    /// `grant_type=client_credentials` (RFC 6749 §4.4), for clients with a secret or a key.
    ClientCredentials,
    /// `grant_type=password` (RFC 6749 §4.3).
    Password,
    /// A device that waits for a user elsewhere (RFC 8628).
    DeviceCode,
    /// One token for another (RFC 8693).
    TokenExchange,
    /// An assertion that the client signs (RFC 7523 §2.1).
    JwtBearer,
}

impl GrantType {
    pub(crate) const ALL: [Self; 8] = [
        Self::AuthorizationCode,
        Self::Implicit,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Password,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::JwtBearer,
    ];

    /// As in metadata and in token requests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The one a token request names; `implicit` is none of those.
    pub(crate) fn of_token_request(name: &str) -> Option<Self> {
        Self::named(name).filter(|known| *known != Self::Implicit)
    }
}
