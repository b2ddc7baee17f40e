//! What a login asks for (OpenID Connect Core §3.1.2.1).

use std::fmt;
use std::time::Duration;

use hallpass_grant::{AuthorizationRequest, Error, Misuse, ResponseMode};
use hallpass_token::{Scopes, Secret};

use crate::ClaimsRequest;

/// What is asked of the provider and of the user. Whatever of it an ID token can answer is enforced: one that does not is refused.
///
/// ```
/// # use std::time::Duration;
/// # use hallpass_oidc::{AuthenticationRequest, Prompt};
/// # use hallpass_token::Scopes;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = AuthenticationRequest::new()
///     .scopes(Scopes::parse("openid email")?)
///     .prompt(&[Prompt::Login])
///     .max_age(Duration::from_secs(600));
/// # Ok(()) }
/// ```
/// `Debug` shows names alone: values may be personal.
#[derive(Clone)]
#[must_use = "a request asks for nothing until a login is begun with it"]
pub struct AuthenticationRequest {
    pub(crate) request: AuthorizationRequest,
    pub(crate) scopes: Scopes,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) claims: ClaimsRequest,
    pub(crate) nonce: NoncePolicy,
    parameters: Vec<(&'static str, String)>,
}

/// Whether an ID token must name the login that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoncePolicy {
    Always,
    /// Where the ID token comes from the token endpoint alone.
    NotForCode,
}

/// What the provider does with the user, whatever it knows of them already (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prompt {
    /// Shows nothing: who is not logged in already is refused (`login_required`). It stands alone.
    None,
    /// Has them log in again.
    Login,
    /// Asks for consent again.
    Consent,
    /// Has them choose an account.
    SelectAccount,
    /// Has them make an account (Initiating User Registration via OpenID Connect).
    Create,
}

/// How the provider's pages are shown (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Display {
    /// In a whole page, which is meant where nothing is said.
    Page,
    /// In a small window.
    Popup,
    /// On a device with a touch screen.
    Touch,
    /// On a feature phone.
    Wap,
}

impl Default for AuthenticationRequest {
    fn default() -> Self {
        Self::new()
    }
}

impl AuthenticationRequest {
    /// Asks who the user is, and for nothing else (scope `openid`).
    pub fn new() -> Self {
        Self {
            request: AuthorizationRequest::new(),
            scopes: Scopes::parse("openid").unwrap_or_default(),
            max_age: None,
            acr_values: Vec::new(),
            claims: ClaimsRequest::new(),
            nonce: NoncePolicy::Always,
            parameters: Vec::new(),
        }
    }

    /// Asks for these scopes instead. Without `openid` among them no login begins.
    pub fn scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// Asks for the response in another part than the response type's own.
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.request = self.request.response_mode(mode);
        self
    }

    /// What the provider does with the user.
    pub fn prompt(self, prompts: &[Prompt]) -> Self {
        let prompts: Vec<&str> = prompts.iter().map(|prompt| prompt.name()).collect();
        self.with("prompt", prompts.join(" "))
    }

    /// The user must have proved who they are so long ago at most when the login is begun, in whole seconds, or since: an ID token that does
    /// not say when, or says that it was earlier, is refused.
    ///
    /// Clocks may differ by [`JwtRules::with_leeway`](crate::JwtRules::with_leeway), so one of so much earlier is taken too: by a minute,
    /// unless said otherwise. Zero alone does not show that the user has just proved it; with a leeway of zero it does.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age.as_secs());
        self.with("max_age", max_age.as_secs().to_string())
    }

    /// They must have proved it in one of these ways, the best first (`acr_values`): an ID token that says another, or nothing, is refused.
    pub fn acr_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.acr_values = values.into_iter().map(Into::into).collect();
        let values = self.acr_values.join(" ");
        self.with("acr_values", values)
    }

    /// It would be nice if they proved it in one of these ways, the best first. Look at what came:
    /// [`IdTokenClaims::acr`](crate::IdTokenClaims::acr).
    pub fn preferred_acr_values(mut self, values: &[&str]) -> Self {
        self.acr_values = Vec::new();
        self.with("acr_values", values.join(" "))
    }

    /// How the provider's pages are shown.
    pub fn display(self, display: Display) -> Self {
        self.with("display", display.name())
    }

    /// The languages of its pages (RFC 5646), the best first.
    pub fn ui_locales(self, locales: &[&str]) -> Self {
        self.with("ui_locales", locales.join(" "))
    }

    /// The languages of the claims (RFC 5646), the best first.
    pub fn claims_locales(self, locales: &[&str]) -> Self {
        self.with("claims_locales", locales.join(" "))
    }

    /// Who is to log in, as the provider knows them.
    pub fn login_hint(self, hint: &str) -> Self {
        self.with("login_hint", hint)
    }

    /// Who is to log in: whom this ID token of the provider's is about, as it came. A hint alone: another user may log in, so compare
    /// [`IdTokenClaims::subject`](crate::IdTokenClaims::subject) where it has to be the same one.
    pub fn id_token_hint(self, id_token: &Secret) -> Self {
        self.with("id_token_hint", id_token.expose_secret())
    }

    /// Asks for single claims.
    pub fn claims(mut self, claims: ClaimsRequest) -> Self {
        let text = claims.to_json();
        self.claims = claims;
        self.with("claims", text)
    }

    /// Asks for a token that is good at this resource (RFC 8707 §2).
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not absolute, or has a fragment.
    pub fn resource(mut self, resource: &str) -> Result<Self, Error> {
        self.request = self.request.resource(resource)?;
        Ok(self)
    }

    /// Sends no nonce where only a code comes in the redirect: PKCE keeps anybody else's code out of the login as well. For providers that
    /// cannot do with one. Wherever an ID token comes in the redirect, one is sent all the same.
    pub fn without_nonce_for_code(mut self) -> Self {
        self.nonce = NoncePolicy::NotForCode;
        self
    }

    /// Adds a parameter of the provider's, or of an extension's.
    ///
    /// # Errors
    /// [`Misuse::ReservedParameter`] for one that this library sets itself.
    pub fn parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        if let Some(name) = OWN.into_iter().find(|own| *own == name) {
            return Err(Misuse::ReservedParameter(name).into());
        }
        self.request = self.request.parameter(name, value)?;
        Ok(self)
    }

    /// The request as OAuth knows it.
    ///
    /// # Errors
    /// [`Misuse::Missing`] without the scope `openid`; [`Misuse::Invalid`] for a prompt that contradicts itself.
    pub(crate) fn to_oauth(&self) -> Result<AuthorizationRequest, Error> {
        if !self.scopes.contains_value("openid") {
            return Err(Misuse::Missing("the scope `openid`").into());
        }
        let mut request = self.request.clone().scopes(self.scopes.clone());
        for (name, value) in &self.parameters {
            if *name == "prompt" && value.contains(' ') && value.split(' ').any(|one| one == "none")
            {
                let reason = "`none` stands alone";
                return Err(Misuse::Invalid {
                    field: "prompt",
                    reason,
                }
                .into());
            }
            request = request.parameter(name, value)?;
        }
        Ok(request)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.parameters.retain(|(own, _)| *own != name);
        if !value.is_empty() {
            self.parameters.push((name, value));
        }
        self
    }
}

/// What has a method of its own, some of them because they are checked.
const OWN: [&str; 9] = [
    "prompt",
    "max_age",
    "acr_values",
    "display",
    "ui_locales",
    "claims_locales",
    "login_hint",
    "id_token_hint",
    "claims",
];

impl Prompt {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

impl Display {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Popup => "popup",
            Self::Touch => "touch",
            Self::Wap => "wap",
        }
    }
}

impl fmt::Debug for AuthenticationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| *name).collect();
        f.debug_struct("AuthenticationRequest")
            .field("scopes", &self.scopes)
            .field("parameters", &names)
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}
