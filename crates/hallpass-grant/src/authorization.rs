//! The authorization request (RFC 6749 §4.1.1, §4.2.1): the address the user agent is sent to, and what is kept until it comes back.

mod code_grant;
mod draft;
mod front_channel_grant;
mod implicit_grant;
mod pushed;
mod request_claims;
mod request_object;

use std::fmt;

use hallpass_token::Scopes;

use crate::form::Parameters;
use crate::pending::ResponseMode;
use crate::target::Target;
use crate::{Endpoint, Error, Misuse, Profile};

pub use code_grant::CodeGrant;
pub use front_channel_grant::FrontChannelGrant;
pub use implicit_grant::ImplicitGrant;
pub use pushed::{PushedAnswer, PushedRequest};
pub(crate) use request_claims::RequestClaims;
pub use request_object::{ObjectRequest, RequestObject};

/// What is asked for, whatever the grant.
#[derive(Clone, Debug, Default)]
#[must_use = "a request asks for nothing until it is begun"]
pub struct AuthorizationRequest {
    scopes: Scopes,
    target: Target,
    response_mode: Option<ResponseMode>,
    parameters: Additional,
}

impl AuthorizationRequest {
    /// Asks for what the server gives by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for these scopes (RFC 6749 §3.3).
    pub fn scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// Asks for the response in another part than the response type's own (OAuth 2.0 Multiple Response Types §2.1).
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = Some(mode);
        self
    }

    /// Asks for this nonce in the ID token (OpenID Connect Core §3.1.2.1). Whoever asks for one must check it: `hallpass-oidc` does both.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.parameters.0.retain(|(name, _)| name != NONCE);
        self.parameters.0.push((NONCE.to_owned(), nonce.into()));
        self
    }

    /// Asks for a token that is good at this resource (RFC 8707 §2): the absolute address of an API. Call it again for another.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not absolute, or has a fragment.
    pub fn resource(mut self, resource: &str) -> Result<Self, Error> {
        self.target = self.target.with_resource(resource)?;
        Ok(self)
    }

    /// Adds a parameter of the provider's, or of an extension's: `prompt`, `login_hint`, `audience`.
    ///
    /// # Errors
    /// [`Misuse::ReservedParameter`] for one that this library sets itself.
    pub fn parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        refuse_reserved(|own| own == name)?;
        self.parameters.0.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    fn has_nonce(&self) -> bool {
        self.parameters.0.iter().any(|(name, _)| name == NONCE)
    }
}

/// By hand it cannot be given: it has a door of its own.
const NONCE: &str = "nonce";

/// The values may be personal (`login_hint`), so Debug shows names alone.
#[derive(Clone, Default)]
struct Additional(Vec<(String, String)>);

impl fmt::Debug for Additional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// An endpoint's own query is the server's (RFC 6749 §3.1); a parameter in it that is set here too would stand there twice.
pub(crate) fn check_query(endpoint: &Endpoint) -> Result<(), Error> {
    let Some(query) = endpoint.query() else {
        return Ok(());
    };
    let own = Parameters::parse(query)?;
    refuse_reserved(|name| own.has(name))
}

/// A profile is data from wherever: what it adds must not take the place of what is set here.
fn check_profile(profile: &Profile) -> Result<(), Error> {
    let parameters = &profile.authorization_parameters;
    for (at, (name, _)) in parameters.iter().enumerate() {
        refuse_reserved(|own| own == name)?;
        if parameters[..at].iter().any(|(own, _)| own == name) {
            return Err(Misuse::Invalid {
                field: "authorization_parameters",
                reason: "a parameter stands there twice",
            }
            .into());
        }
    }
    Ok(())
}

fn refuse_reserved(is_there: impl Fn(&str) -> bool) -> Result<(), Error> {
    match RESERVED.into_iter().find(|name| is_there(name)) {
        Some(name) => Err(Misuse::ReservedParameter(name).into()),
        None => Ok(()),
    }
}

/// What this library sets in the request, or beside it where it is pushed.
const RESERVED: [&str; 16] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "request",
    "request_uri",
    "resource",
    "dpop_jkt",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// Where the user agent is sent. Its query has the request's state in it, so `Debug` leaves the query out.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl(String);

impl AuthorizationUrl {
    pub(crate) fn new(url: String) -> Self {
        Self(url)
    }

    /// The whole address, for a `Location` header or a browser.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AuthorizationUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.split('?').next().unwrap_or("");
        write!(f, "AuthorizationUrl({shown}?…)")
    }
}

impl From<AuthorizationUrl> for String {
    fn from(url: AuthorizationUrl) -> Self {
        url.0
    }
}

impl AsRef<str> for AuthorizationUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
