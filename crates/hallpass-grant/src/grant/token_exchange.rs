//! Token exchange (RFC 8693).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Members, Scopes, Secret, TokenSet};

use crate::call::{Answer, sealed};
use crate::form::Form;
use crate::random::Random;
use crate::target::Target;
use crate::token_answer::{Spent, TokenAnswer, expires_at, text};
use crate::{Call, Client, Error, ErrorKind, Response, Violation};

/// What is to be exchanged, and for what (RFC 8693 §2.1).
///
/// ```
/// # use hallpass_grant::{TokenExchange, TokenTypeUri};
/// # fn main() -> Result<(), hallpass_grant::Error> {
/// # let incoming = "the token of whoever called this service";
/// let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, incoming)
///     .with_audience("billing")
///     .with_resource("https://billing.example/")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct TokenExchange {
    subject: (TokenTypeUri, Secret),
    actor: Option<(TokenTypeUri, Secret)>,
    requested: Option<TokenTypeUri>,
    scopes: Scopes,
    target: Target,
}

impl TokenExchange {
    /// Exchanges a token of this type: it says for whom the new one is to be.
    pub fn new(subject_type: TokenTypeUri, subject: impl Into<Secret>) -> Self {
        Self {
            subject: (subject_type, subject.into()),
            actor: None,
            requested: None,
            scopes: Scopes::new(),
            target: Target::default(),
        }
    }

    /// With the token of who acts for the subject (delegation, RFC 8693 §1.1).
    #[must_use]
    pub fn with_actor(mut self, actor_type: TokenTypeUri, actor: impl Into<Secret>) -> Self {
        self.actor = Some((actor_type, actor.into()));
        self
    }

    /// For a token of this type; by default the server decides.
    #[must_use]
    pub fn with_requested_type(mut self, requested: TokenTypeUri) -> Self {
        self.requested = Some(requested);
        self
    }

    /// For a token with these scopes.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// For this audience, by the name that the server knows it by; may be called again for another.
    #[must_use]
    pub fn with_audience(mut self, audience: &str) -> Self {
        self.target = self.target.with_audience(audience);
        self
    }

    /// For this resource (RFC 8707 §2): the absolute address of an API; may be called again for another.
    ///
    /// # Errors
    /// [`Misuse::Invalid`](crate::Misuse::Invalid) for an address that is not absolute, or has a fragment.
    pub fn with_resource(mut self, resource: &str) -> Result<Self, Error> {
        self.target = self.target.with_resource(resource)?;
        Ok(self)
    }
}

/// What kind of token something is (RFC 8693 §3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenTypeUri(Cow<'static, str>);

impl TokenTypeUri {
    /// An OAuth 2.0 access token.
    pub const ACCESS_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:access_token");
    /// An OAuth 2.0 refresh token.
    pub const REFRESH_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:refresh_token");
    /// An ID token.
    pub const ID_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:id_token");
    /// A SAML 1.1 assertion, as base64url.
    pub const SAML1: Self = Self::known("urn:ietf:params:oauth:token-type:saml1");
    /// A SAML 2.0 assertion, as base64url.
    pub const SAML2: Self = Self::known("urn:ietf:params:oauth:token-type:saml2");
    /// A JWT that is none of the others.
    pub const JWT: Self = Self::known("urn:ietf:params:oauth:token-type:jwt");

    const fn known(uri: &'static str) -> Self {
        Self(Cow::Borrowed(uri))
    }

    /// A type that no RFC names.
    pub fn new(uri: impl Into<String>) -> Self {
        Self(Cow::Owned(uri.into()))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What came out of an exchange (RFC 8693 §2.2.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExchangedToken {
    /// An access token, to be put on requests.
    AccessToken(TokenSet),
    /// Something that is none: it goes to who asks for it (as a JWT bearer grant's assertion, say), never on a request.
    Other {
        /// What it is.
        issued_token_type: TokenTypeUri,
        /// The token.
        token: Secret,
        /// When it ends, UTC. `None`: the server did not say.
        expires_at: Option<UtcDateTime>,
    },
}

impl Client {
    /// Exchanges a token for another (RFC 8693).
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) when the server has no token endpoint; [`Misuse::Random`](crate::Misuse::Random).
    pub fn token_exchange(
        &self,
        exchange: &TokenExchange,
        random: &mut impl Random,
    ) -> Result<Call<ExchangeAnswer>, Error> {
        let (subject_type, subject) = &exchange.subject;
        let form = Form::with_capacity(1024)
            .field(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            )
            .field("subject_token", subject.expose_secret())
            .field("subject_token_type", subject_type.as_str());
        let form = match &exchange.actor {
            Some((actor_type, actor)) => form
                .field("actor_token", actor.expose_secret())
                .field("actor_token_type", actor_type.as_str()),
            None => form,
        };
        let requested = exchange.requested.as_ref().map(TokenTypeUri::as_str);
        let form = form.optional("requested_token_type", requested);
        let form = self.scope_field(form, &exchange.scopes);
        let form = form.fields(exchange.target.as_str());
        let answer = ExchangeAnswer(TokenAnswer::new(
            self,
            exchange.scopes.clone(),
            Spent::Nothing,
        ));
        self.token_call(form, answer, random)
    }
}

/// Reads an [`ExchangedToken`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeAnswer(TokenAnswer);

impl Answer for ExchangeAnswer {}

impl sealed::Read for ExchangeAnswer {
    type Output = ExchangedToken;

    fn read(&self, response: &Response, arrived: UtcDateTime) -> Result<ExchangedToken, Error> {
        let mut members = self.0.members(response)?;
        if is_access_token(&members) {
            return self
                .0
                .token_set(members, arrived)
                .map(ExchangedToken::AccessToken);
        }
        let issued = text(&mut members, "issued_token_type")?;
        let token = text(&mut members, "access_token")?.filter(|token| !token.is_empty());
        match (issued, token) {
            (Some(issued), Some(token)) => Ok(ExchangedToken::Other {
                issued_token_type: TokenTypeUri::new(issued),
                token: token.into(),
                expires_at: expires_at(&mut members, arrived)?,
            }),
            _ => Err(Violation::Malformed("issued_token_type or the token is missing").into()),
        }
    }

    fn lost(&self) -> ErrorKind {
        self.0.lost()
    }
}

/// Whether what was issued can be put on requests: `token_type` says so by not being `N_A` (RFC 8693 §2.2.1), unless what was issued is
/// said to be something that is none.
fn is_access_token(members: &Members) -> bool {
    let text = |name| members.value(name).and_then(|value| value.as_str());
    let is_none = |named: &str| named.eq_ignore_ascii_case("N_A");
    let issued = text("issued_token_type").unwrap_or("");
    let is = |own: TokenTypeUri| own.as_str() == issued;
    let is_assertion =
        is(TokenTypeUri::ID_TOKEN) || is(TokenTypeUri::SAML1) || is(TokenTypeUri::SAML2);
    // Some servers name the refresh token that comes beside an access token.
    let is_refresh = is(TokenTypeUri::REFRESH_TOKEN) && members.value("refresh_token").is_none();
    !text("token_type").is_some_and(is_none) && !is_assertion && !is_refresh
}
