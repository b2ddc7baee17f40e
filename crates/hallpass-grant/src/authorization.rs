//! The authorization request (RFC 6749 §4.1.1, §4.2.1): the address the user agent is sent to, and what is kept until it comes back.

use std::fmt;

use time::UtcDateTime;

use hallpass_token::{Scopes, Secret};

use crate::form::{Parameters, push_field, push_foreign_field};
use crate::pending::{Code, Pending, ResponseMode, ResponseType, Token};
use crate::random::{Random, Seed, draw_state};
use crate::{Client, Endpoint, Error, Misuse};

/// What is asked for, whatever the grant.
#[derive(Clone, Debug, Default)]
#[must_use = "a request asks for nothing until it is begun"]
pub struct AuthorizationRequest {
    scopes: Scopes,
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

    /// Adds a parameter of the provider's, or of an extension's: `prompt`, `login_hint`, `audience`.
    ///
    /// # Errors
    /// [`Misuse::ReservedParameter`] for one that this library sets itself.
    pub fn parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        refuse_reserved(|own| own == name)?;
        self.parameters.0.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }
}

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

fn refuse_reserved(is_there: impl Fn(&str) -> bool) -> Result<(), Error> {
    match RESERVED.into_iter().find(|name| is_there(name)) {
        Some(name) => Err(Misuse::ReservedParameter(name).into()),
        None => Ok(()),
    }
}

const RESERVED: [&str; 10] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "request_uri",
];

/// Where the user agent is sent. Its query has the request's state in it, so `Debug` leaves the query out.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationUrl(String);

impl AuthorizationUrl {
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

/// The authorization code grant of one client.
#[derive(Clone, Copy, Debug)]
pub struct CodeGrant<'c> {
    client: &'c Client,
    authorization_endpoint: &'c Endpoint,
    token_endpoint: &'c Endpoint,
}

impl<'c> CodeGrant<'c> {
    pub(crate) fn new(
        client: &'c Client,
        authorization: &'c Endpoint,
        token: &'c Endpoint,
    ) -> Self {
        Self {
            client,
            authorization_endpoint: authorization,
            token_endpoint: token,
        }
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Random`] when there is no randomness.
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        let code = Code {
            token_endpoint: self.token_endpoint.clone(),
            seed: Seed::draw(random)?,
        };
        let state = draw_state(random)?;
        let begun = begin(
            self.client,
            self.authorization_endpoint,
            request,
            state,
            code,
            now,
        );
        Ok(begun)
    }
}

/// The implicit grant of one client.
#[derive(Clone, Copy, Debug)]
pub struct ImplicitGrant<'c> {
    client: &'c Client,
    authorization_endpoint: &'c Endpoint,
}

impl<'c> ImplicitGrant<'c> {
    pub(crate) fn new(client: &'c Client, authorization: &'c Endpoint) -> Self {
        Self {
            client,
            authorization_endpoint: authorization,
        }
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Random`] when there is no randomness; [`Misuse::Invalid`] when the response is asked for in the query,
    /// where tokens end up in logs.
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Token>), Error> {
        if request.response_mode == Some(ResponseMode::Query) {
            return Err(Error::from(Misuse::Invalid {
                field: "response mode",
                reason: "a token never comes in a query: ask for the fragment or a form",
            }));
        }
        let state = draw_state(random)?;
        let token = Token {
            parameter: self.client.profile().token_parameter,
        };
        let begun = begin(
            self.client,
            self.authorization_endpoint,
            request,
            state,
            token,
            now,
        );
        Ok(begun)
    }
}

fn begin<R: ResponseType>(
    client: &Client,
    endpoint: &Endpoint,
    request: AuthorizationRequest,
    state: Secret,
    response_type: R,
    now: UtcDateTime,
) -> (AuthorizationUrl, Pending<R>) {
    let redirect_uri = client.shared_redirect_uri();
    let parameters = &request.parameters.0;
    let extra: usize = parameters
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2)
        .sum();
    let known = endpoint.as_str().len() + client.parameters().len() + request.scopes.as_str().len();
    let mut url = String::with_capacity(256 + known + extra);

    url.push_str(endpoint.as_str());
    // What has only letters, digits, `-` and `_` is written as it is.
    url.push(if endpoint.has_query() { '&' } else { '?' });
    url.push_str("response_type=");
    url.push_str(R::NAME);
    url.push('&');
    url.push_str(client.parameters());
    if !request.scopes.is_empty() {
        push_field(&mut url, "scope", request.scopes.as_str());
    }
    url.push_str("&state=");
    url.push_str(state.expose_secret());
    if let Some(mode) = request.response_mode {
        push_field(&mut url, "response_mode", mode.name());
    }
    if let Some(seed) = response_type.seed() {
        url.push_str("&code_challenge=");
        url.push_str(seed.challenge(&mut [0; 43]));
        url.push_str("&code_challenge_method=S256");
    }
    for (name, value) in parameters {
        push_foreign_field(&mut url, name, value);
    }

    let pending = Pending {
        state,
        issuer: client.server().issuer.clone(),
        iss_must_come: client
            .server()
            .authorization_response_iss_parameter_supported,
        client_id: client.shared_id(),
        redirect_uri,
        scopes: request.scopes,
        response_mode: request.response_mode.unwrap_or(R::MODE),
        began: now,
        response_type,
    };
    (AuthorizationUrl(url), pending)
}
