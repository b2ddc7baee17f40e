//! The client: who asks, whom it asks, and what it may ask for.

use std::fmt;
use std::sync::Arc;

use hallpass_token::{RefreshToken, Scopes};

use crate::authorization::{CodeGrant, FrontChannelGrant, ImplicitGrant, check_query};
use crate::call::Call;
use crate::form::Form;
use crate::random::{Random, Seed};
use crate::target::Target;
use crate::token_answer::{Spent, TokenAnswer};
use crate::{
    AuthorizedCode, ClientAuthentication, DpopKey, Endpoint, Error, FrontChannel, Misuse, Profile,
    ServerMetadata, Violation,
};

/// A client registered with an authorization server (RFC 6749 §2).
///
/// One type without parameters; cheap to clone; shared by as many users as there are. Nothing of a single login is in it.
#[derive(Clone)]
pub struct Client {
    server: Arc<ServerMetadata>,
    id: Arc<str>,
    authentication: ClientAuthentication,
    redirect_uri: Option<Arc<str>>,
    /// `client_id` and `redirect_uri` as they stand in each authorization request.
    parameters: Arc<str>,
    profile: Profile,
    dpop: Option<DpopKey>,
    target: Target,
}

impl Client {
    /// A public client: it has an id and nothing to prove it with.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the id is empty, and when the server promises `iss` and there is no issuer to compare it with;
    /// [`Misuse::ReservedParameter`] when the authorization endpoint's own query
    /// sets what this library sets.
    pub fn new(server: impl Into<Arc<ServerMetadata>>, id: &str) -> Result<Self, Error> {
        let server = server.into();
        if id.is_empty() {
            return Err(Misuse::Missing("client id").into());
        }
        if let Some(endpoint) = &server.authorization_endpoint {
            check_query(endpoint)?;
        }
        if server.authorization_response_iss_parameter_supported && server.issuer.is_none() {
            return Err(Misuse::Missing("issuer").into());
        }
        Ok(Self {
            server,
            id: id.into(),
            authentication: ClientAuthentication::None,
            redirect_uri: None,
            parameters: parameters(id, None),
            profile: Profile::STRICT,
            dpop: None,
            target: Target::default(),
        })
    }

    /// The same client, proving who it is (RFC 6749 §2.3).
    #[must_use]
    pub fn with_authentication(mut self, authentication: ClientAuthentication) -> Self {
        if matches!(authentication, ClientAuthentication::MutualTls) {
            self = self.with_certificate_bound_tokens();
        }
        self.authentication = authentication;
        self
    }

    /// The same client for tokens that are bound to the certificate which the driver's transport shows (RFC 8705 §3), whatever else
    /// proves the client: it goes to the endpoints that the server has for this ([`ServerMetadata::for_mutual_tls`]).
    #[must_use]
    pub fn with_certificate_bound_tokens(mut self) -> Self {
        if !self.server.mtls_endpoint_aliases.is_empty() {
            self.server = self.server.for_mutual_tls().into();
        }
        self
    }

    /// The same client with the redirect URI it is registered with (RFC 6749 §3.1.2), sent character by character as given here.
    ///
    /// # Errors
    /// [`Misuse`] when it is empty, or has a control character or white space in it.
    pub fn with_redirect_uri(mut self, redirect_uri: &str) -> Result<Self, Error> {
        let field = "redirect URI";
        if redirect_uri.is_empty() {
            return Err(Misuse::Missing(field).into());
        }
        if redirect_uri
            .chars()
            .any(|c| c.is_control() || c.is_whitespace())
        {
            let reason = "white space and control characters must be percent-encoded";
            return Err(Misuse::Invalid { field, reason }.into());
        }
        let scheme = redirect_uri.split(':').next().unwrap_or("");
        if ["javascript", "data", "vbscript"]
            .into_iter()
            .any(|own| scheme.eq_ignore_ascii_case(own))
        {
            let reason = "a browser would run what comes back instead of sending it";
            return Err(Misuse::Invalid { field, reason }.into());
        }
        self.parameters = parameters(&self.id, Some(redirect_uri));
        self.redirect_uri = Some(redirect_uri.into());
        Ok(self)
    }

    /// The same client at a provider that differs from the RFCs.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same client with a key that its tokens are bound to (DPoP, RFC 9449): who steals a token cannot use it.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] when the server says that it does not know the key's algorithm.
    pub fn with_dpop(mut self, key: DpopKey) -> Result<Self, Error> {
        let offered = self.server.dpop_signing_alg_values_supported.as_deref();
        let algorithm = key.name().algorithm().name();
        if offered.is_some_and(|offered| !offered.iter().any(|own| own == algorithm)) {
            return Err(Misuse::Invalid {
                field: "DPoP key",
                reason: "the server does not list its algorithm (dpop_signing_alg_values_supported)",
            }
            .into());
        }
        self.dpop = Some(key);
        Ok(self)
    }

    /// The same client for tokens that are good at this resource (RFC 8707): the absolute address of an API. Every request for a token
    /// names it, whatever the grant, but a token exchange, which names its own. Call it again for another.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not absolute, or has a fragment.
    pub fn with_resource(mut self, resource: &str) -> Result<Self, Error> {
        self.target = self.target.with_resource(resource)?;
        Ok(self)
    }

    /// The same client for tokens that are good for this audience, by the name that the server knows it by, as
    /// [`with_resource`](Self::with_resource) does it.
    #[must_use]
    pub fn with_audience(mut self, audience: &str) -> Self {
        self.target = self.target.with_audience(audience);
        self
    }

    /// The client's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The authorization server, as this client sees it.
    pub fn server(&self) -> &ServerMetadata {
        &self.server
    }

    /// The redirect URI, if there is one.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.redirect_uri.as_deref()
    }

    /// The key that its tokens are bound to, if there is one.
    pub fn dpop(&self) -> Option<&DpopKey> {
        self.dpop.as_ref()
    }

    /// How its server differs from the RFCs.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636).
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no authorization or token endpoint;
    /// [`Violation::PkceUnsupported`] when it says that it cannot do `S256`.
    pub fn code(&self) -> Result<CodeGrant<'_>, Error> {
        let token = self.token_endpoint()?;
        let authorization = self.authorization_endpoint()?;
        match self.server.offers_s256() {
            true => Ok(CodeGrant::new(self, authorization, token)),
            false => Err(Violation::PkceUnsupported.into()),
        }
    }

    /// The implicit grant (RFC 6749 §4.2), for servers that have nothing else. Prefer [`code`](Self::code):
    /// RFC 9700 §2.1.2 advises against access tokens in a redirect.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no authorization endpoint; [`Misuse::Invalid`] for a client whose tokens are to be
    /// bound to a key.
    pub fn implicit(&self) -> Result<ImplicitGrant<'_>, Error> {
        match self.dpop {
            None => Ok(ImplicitGrant::new(self, self.authorization_endpoint()?)),
            Some(_) => Err(unbound().into()),
        }
    }

    /// The grant of a response type with an ID token, or a code and a token, in the redirect (OpenID Connect Core §3.2 and §3.3). What
    /// comes stays sealed until it is verified, which `hallpass-oidc` does.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no authorization endpoint, or no token endpoint for a code;
    /// [`Violation::PkceUnsupported`] where a code comes; [`Misuse::Invalid`] where a token comes that could not be bound to the client's key.
    pub fn front_channel<R: FrontChannel>(&self) -> Result<FrontChannelGrant<'_, R>, Error> {
        let answers = |name| R::ANSWERS.contains(&name);
        if answers("access_token") && self.dpop.is_some() {
            return Err(unbound().into());
        }
        let token = match answers("code") {
            true if !self.server.offers_s256() => return Err(Violation::PkceUnsupported.into()),
            true => Some(self.token_endpoint()?),
            false => None,
        };
        let authorization = self.authorization_endpoint()?;
        Ok(FrontChannelGrant::new(self, authorization, token))
    }

    /// Exchanges a code for tokens (RFC 6749 §4.1.3), at the token endpoint that was pinned when the login began.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when another client began that login, or the same one at another server: neither server
    /// gets what is the other's, the code or the client's secret (RFC 9700 §4.4).
    pub fn exchange(&self, code: AuthorizedCode) -> Result<Call<TokenAnswer>, Error> {
        let is_same_server = self.server.token_endpoint.as_ref() == Some(&code.token_endpoint);
        if *self.id != *code.client_id || !is_same_server {
            return Err(Misuse::OtherClient.into());
        }
        let form = Form::with_capacity(256)
            .plain_field("grant_type", "authorization_code")
            .field("code", code.code.expose_secret())
            .optional("redirect_uri", code.redirect_uri.as_deref())
            .plain_field("code_verifier", code.seed.verifier().expose_secret());
        let form = form.fields(self.target.as_str());
        let answer = TokenAnswer::new(self, code.scopes, Spent::Once);
        let call = Call::new(self, code.token_endpoint, form, code.seed, answer);
        Ok(call.bound(self))
    }

    /// Gets a new access token with a refresh token (RFC 6749 §6).
    ///
    /// `granted` are the scopes the token has now; an answer without scopes keeps them. `narrowed` asks for fewer.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no token endpoint; [`Misuse::Random`].
    pub fn refresh(
        &self,
        refresh_token: &RefreshToken,
        granted: &Scopes,
        narrowed: Option<&Scopes>,
        random: &mut impl Random,
    ) -> Result<Call<TokenAnswer>, Error> {
        let form = Form::with_capacity(256)
            .plain_field("grant_type", "refresh_token")
            .field("refresh_token", refresh_token.expose_secret());
        let form = match narrowed {
            Some(narrowed) => self.scope_field(form, narrowed),
            None => form,
        };
        let scopes = narrowed.unwrap_or(granted).clone();
        let form = form.fields(self.target.as_str());
        let answer = TokenAnswer::new(self, scopes, Spent::Once).keeping(refresh_token.clone());
        self.token_call(form, answer, random)
    }

    /// A request to the token endpoint, for a token bound to the client's key if it has one.
    pub(crate) fn token_call<A>(
        &self,
        form: Form,
        answer: A,
        random: &mut impl Random,
    ) -> Result<Call<A>, Error> {
        let endpoint = self.token_endpoint()?.clone();
        let seed = Seed::draw(random)?;
        Ok(Call::new(self, endpoint, form, seed, answer).bound(self))
    }

    /// The form with the scopes asked for, as the provider joins them, if there are any.
    pub(crate) fn scope_field(&self, form: Form, scopes: &Scopes) -> Form {
        match scopes.is_empty() {
            true => form,
            false => form.field("scope", &self.profile.requested_scopes.join(scopes)),
        }
    }

    fn authorization_endpoint(&self) -> Result<&Endpoint, Error> {
        let endpoint = self.server.authorization_endpoint.as_ref();
        endpoint.ok_or_else(|| Misuse::Missing("authorization endpoint").into())
    }

    pub(crate) fn token_endpoint(&self) -> Result<&Endpoint, Error> {
        let endpoint = self.server.token_endpoint.as_ref();
        endpoint.ok_or_else(|| Misuse::Missing("token endpoint").into())
    }

    pub(crate) fn shared_id(&self) -> Arc<str> {
        self.id.clone()
    }

    pub(crate) fn shared_redirect_uri(&self) -> Option<Arc<str>> {
        self.redirect_uri.clone()
    }

    pub(crate) fn parameters(&self) -> &str {
        &self.parameters
    }

    pub(crate) fn parameters_without_id(&self) -> &str {
        let rest = self.parameters.split_once('&');
        rest.map_or("", |(_, rest)| rest)
    }

    pub(crate) fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

fn unbound() -> Misuse {
    Misuse::Invalid {
        field: "DPoP key",
        reason: "what comes in a redirect is never bound to a key: use another grant, or no key",
    }
}

/// Encoded once, because every login of the client begins with them.
fn parameters(id: &str, redirect_uri: Option<&str>) -> Arc<str> {
    let form = Form::with_capacity(64).field("client_id", id);
    form.optional("redirect_uri", redirect_uri)
        .into_text()
        .into()
}

/// Shows no query.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |uri: &str| uri.split(['?', '#']).next().map(str::to_owned);
        f.debug_struct("Client")
            .field("server", &self.server)
            .field("id", &self.id)
            .field("authentication", &self.authentication)
            .field("redirect_uri", &self.redirect_uri().and_then(path))
            .field("profile", &self.profile)
            .field("dpop", &self.dpop)
            .finish()
    }
}
