#![cfg_attr(all(feature = "derive", feature = "reqwest"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "derive", feature = "reqwest")),
    doc = "OAuth 2.0 clients: from a consent URL to a token on a call."
)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_error;
mod authorize;
pub mod blocking;
mod client;
mod clock_skew;
mod credentials;
mod grant_type;
#[cfg(any(feature = "reqwest", feature = "tower"))]
mod middleware;
#[cfg(feature = "openid")]
pub mod openid;
mod pending_logins;
mod presentation;
mod provider;
mod refusal;
mod requirement;
mod scheme;

pub use hallpass_grant as grant;
pub use hallpass_http as driver;
#[cfg(feature = "openid")]
pub use hallpass_jose as jose;
#[cfg(feature = "loopback")]
pub use hallpass_loopback as loopback;
pub use hallpass_scope as scope;
pub use hallpass_session as session;
pub use hallpass_store as store;
pub use hallpass_token as token;
#[cfg(feature = "reqwest")]
pub use reqwest;
#[cfg(feature = "reqwest-middleware")]
pub use reqwest_middleware;

pub use hallpass_grant::{
    Assertion, AuthorizationRequest, AuthorizationUrl, Begun, Callback, ClientMetadata, Code,
    DeviceAuthorization, DpopKey, Endpoint, Error as ProviderError, ErrorCode, ErrorKind,
    ExchangedToken, Introspection, IssuedToken, Issuer, JwtBearer, MacAlgorithm, MacKey, Misuse,
    Pending, Profile, Recovery, Refused, RegisteredClient, ResponseMode, ServerMetadata, Signature,
    SigningAlgorithm, SigningInput, SigningKeyName, Token, TokenExchange, TokenInformation,
    TokenTypeUri, Violation,
};
pub use hallpass_http::{SignError, Signer};
pub use hallpass_scope::{Scope, Scopes};
pub use hallpass_session::{
    End, Event, Owner, Session, SessionError, Timing, TokenProvider, Tokens, Window, Windows,
};
pub use hallpass_store::{Key, TokenStore};
pub use hallpass_token::{AccessToken, Expiry, RefreshToken, Secret, TokenSet};

pub use api_error::ApiError;
#[cfg(feature = "reqwest")]
pub use authorize::SendError;
pub use authorize::{AuthorizeError, NoToken, TokenLack};
pub use client::Client;
pub use clock_skew::ClockSkew;
pub use credentials::{
    AuthorizationCodeCredentials, ClientCredentialsCredentials, Credentials, DeviceCredentials,
    ImplicitCredentials, LegacyPasswordCredentials,
};
pub use grant_type::{
    AuthorizationCode, ClientCredentials, Confidential, Device, ForUser, Implicit, LegacyPassword,
};
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub use middleware::OtherOrigins;
#[cfg(feature = "tower")]
pub use middleware::{Authorize, AuthorizeLayer, CallError, Cloned, Repeat, SentOnce};
#[cfg(feature = "reqwest-middleware")]
pub use middleware::{AuthorizedClient, RedirectError};
#[cfg(feature = "openid")]
pub use openid::LocalSigner;
pub use pending_logins::PendingLogins;
pub use provider::Provider;
pub use requirement::{
    Alternatives, Applied, DuplicateScheme, Outgoing, Requirement, RequirementError, SchemeFailure,
    Schemes, Security, SecurityError, Unmet,
};
pub use scheme::{InvalidOrigin, InvalidScheme, Origin, Place, Scheme, TokenFailure, TokenSource};
