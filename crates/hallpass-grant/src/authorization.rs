//! The authorization request (RFC 6749 §4.1.1, §4.2.1): the address the user agent is sent to, and what is kept until it comes back.

use std::fmt;

use time::UtcDateTime;

use hallpass_token::{Scopes, Secret, TokenSet};

use crate::call::Call;
use crate::form::{Parameters, push_field, push_fields, push_foreign_field};
use crate::pending::{Code, Pending, ResponseMode, ResponseType, Token};
use crate::random::{Random, Seed, draw_state};
use crate::target::Target;
use crate::{Callback, Client, Endpoint, Error, Misuse, Profile, PushedAnswer};

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
    /// [`Misuse::Random`] when there is no randomness; [`Misuse::PushRequired`] when the server takes requests from
    /// [`push`](Self::push) alone.
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        if self.client.server().require_pushed_authorization_requests {
            return Err(Misuse::PushRequired.into());
        }
        let draft = self.draft(request, random, now)?;
        Ok(draft.begin(self.authorization_endpoint))
    }

    /// Begins a login by telling the server first, over TLS and as this client, what is asked for (RFC 9126): the user agent carries
    /// no more than a reference to it.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no pushed authorization request endpoint; [`Misuse::Random`].
    pub fn push(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Call<PushedAnswer>, Error> {
        let server = self.client.server();
        let endpoint = server.pushed_authorization_request_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("pushed authorization request endpoint"))?;
        let draft = self.draft(request, random, now)?;
        PushedAnswer::call(
            self.client,
            endpoint,
            self.authorization_endpoint,
            draft,
            random,
        )
    }

    fn draft(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Draft<'c, Code>, Error> {
        check_profile(self.client.profile())?;
        let code = Code {
            token_endpoint: self.token_endpoint.clone(),
            seed: Seed::draw(random)?,
        };
        Ok(Draft {
            client: self.client,
            state: draw_state(random)?,
            request,
            response_type: code,
            now,
        })
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
        if self.client.server().require_pushed_authorization_requests {
            return Err(Misuse::PushRequired.into());
        }
        check_profile(self.client.profile())?;
        let draft = Draft {
            client: self.client,
            state: draw_state(random)?,
            request,
            response_type: Token {
                parameter: self.client.profile().token_parameter,
                authorization_endpoint: self.authorization_endpoint.clone(),
            },
            now,
        };
        Ok(draft.begin(self.authorization_endpoint))
    }

    /// Checks the response and takes the token out of it: [`Pending::receive`], for this client's logins alone.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when another client began that login, or the same one at another server; then what
    /// [`Pending::receive`] can end with.
    pub fn receive(
        &self,
        pending: Pending<Token>,
        callback: &Callback<'_>,
        now: UtcDateTime,
    ) -> Result<TokenSet, Error> {
        let is_same_server =
            pending.response_type.authorization_endpoint == *self.authorization_endpoint;
        match *pending.client_id == *self.client.id() && is_same_server {
            true => pending.receive(callback, now),
            false => Err(Misuse::OtherClient.into()),
        }
    }
}

/// A request with all that was drawn for it: it becomes an address, or a form that is pushed.
pub(crate) struct Draft<'c, R> {
    client: &'c Client,
    request: AuthorizationRequest,
    state: Secret,
    response_type: R,
    now: UtcDateTime,
}

impl<R: ResponseType> Draft<'_, R> {
    fn begin(self, endpoint: &Endpoint) -> (AuthorizationUrl, Pending<R>) {
        let mut url = String::with_capacity(endpoint.as_str().len() + self.length());
        url.push_str(endpoint.as_str());
        url.push(if endpoint.has_query() { '&' } else { '?' });
        self.write(&mut url, self.client.parameters());
        (AuthorizationUrl::new(url), self.pending())
    }

    /// The fields of a form, with these parameters of the client's.
    pub(crate) fn form(&self, parameters: &str) -> String {
        let mut form = String::with_capacity(self.length());
        self.write(&mut form, parameters);
        form
    }

    /// About how long it becomes.
    fn length(&self) -> usize {
        let request = &self.request;
        let profile = &self.client.profile().authorization_parameters;
        let profile = profile
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2);
        let parameters = request.parameters.0.iter();
        let parameters = parameters.map(|(name, value)| name.len() + value.len() + 2);
        let extra: usize = profile.chain(parameters).sum();
        let targets = [self.client.target(), &request.target];
        let extra = targets
            .iter()
            .fold(extra, |sum, target| sum + target.as_str().len());
        256 + self.client.parameters().len() + request.scopes.as_str().len() + extra
    }

    fn write(&self, text: &mut String, parameters: &str) {
        let (client, request) = (self.client, &self.request);
        // What has only letters, digits, `-` and `_` is written as it is.
        text.push_str("response_type=");
        text.push_str(R::NAME);
        if !parameters.is_empty() {
            text.push('&');
            text.push_str(parameters);
        }
        if !request.scopes.is_empty() {
            let scopes = client.profile().requested_scopes.join(&request.scopes);
            push_field(text, "scope", &scopes);
        }
        text.push_str("&state=");
        text.push_str(self.state.expose_secret());
        if let Some(mode) = request.response_mode {
            push_field(text, "response_mode", mode.name());
        }
        if let Some(seed) = self.response_type.seed() {
            text.push_str("&code_challenge=");
            text.push_str(seed.challenge(&mut [0; 43]));
            text.push_str("&code_challenge_method=S256");
            if let Some(key) = client.dpop() {
                push_field(text, "dpop_jkt", &key.thumbprint());
            }
        }
        push_fields(text, client.target().as_str());
        push_fields(text, request.target.as_str());
        for (name, value) in &request.parameters.0 {
            push_foreign_field(text, name, value);
        }
        for (name, value) in client.profile().authorization_parameters.iter() {
            if !request.parameters.0.iter().any(|(own, _)| own == name) {
                push_foreign_field(text, name, value);
            }
        }
    }

    pub(crate) fn pending(self) -> Pending<R> {
        let server = self.client.server();
        Pending {
            state: self.state,
            issuer: server.issuer.clone(),
            issuer_comparison: self.client.profile().issuer,
            iss_must_come: server.authorization_response_iss_parameter_supported,
            client_id: self.client.shared_id(),
            redirect_uri: self.client.shared_redirect_uri(),
            scopes: self.request.scopes,
            response_mode: self.request.response_mode.unwrap_or(R::MODE),
            began: self.now,
            response_type: self.response_type,
        }
    }
}
