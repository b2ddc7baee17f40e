#![cfg_attr(all(feature = "derive", feature = "reqwest"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "derive", feature = "reqwest")),
    doc = "OAuth 2.0 clients: from a consent URL to a token on a call."
)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod api_error;
mod authorize;
mod client;
mod clock_skew;
mod credentials;
mod provider;

pub use hallpass_grant as grant;
pub use hallpass_http as driver;
pub use hallpass_scope as scope;
pub use hallpass_session as session;
pub use hallpass_store as store;
pub use hallpass_token as token;
#[cfg(feature = "reqwest")]
pub use reqwest;

pub use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Callback, Code, Endpoint, Error as ProviderError,
    ErrorCode, ErrorKind, Issuer, Misuse, Pending, Profile, Recovery, Refused, ResponseMode,
    ServerMetadata, SigningAlgorithm, SigningKeyName, Token, Violation,
};
pub use hallpass_scope::{Scope, Scopes};
pub use hallpass_session::{Session, SessionError};
pub use hallpass_store::{Key, TokenStore};
pub use hallpass_token::{AccessToken, Expiry, RefreshToken, Secret, TokenSet};

pub use api_error::ApiError;
pub use authorize::{AuthorizeError, NoToken, TokenLack};
pub use client::Client;
pub use clock_skew::ClockSkew;
pub use credentials::{
    AuthorizationCode, AuthorizationCodeCredentials, Credentials, Implicit, ImplicitCredentials,
};
pub use provider::Provider;
