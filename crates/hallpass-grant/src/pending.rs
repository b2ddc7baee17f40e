//! What crosses the pause between sending the user agent away and its coming back.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use time::UtcDateTime;

use hallpass_token::{AccessToken, Lifetime, Scopes, Secret, TokenSet, TokenType};

use crate::callback::{Callback, Part};
use crate::error::ErrorTexts;
use crate::form::Parameters;
use crate::random::Seed;
use crate::{
    Endpoint, Error, Issuer, IssuerComparison, Misuse, Refused, TokenParameter, Violation,
    shared_text, unix_seconds,
};

/// A login that was begun and not yet answered.
///
/// A plain value that serialises: store it where only the user agent that began the login can bring it back
/// (its server-side session, or a cookie sealed for it). The error of a serde format that cannot read what was stored may quote it: do
/// not log that. `R` is the response type, and fixes what comes out.
/// There is no way to a code or a token but [`receive`](Self::receive), which forgets no check.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "R: ResponseType")]
pub struct Pending<R> {
    pub(crate) state: Secret,
    pub(crate) issuer: Option<Issuer>,
    #[serde(default)]
    pub(crate) issuer_comparison: IssuerComparison,
    pub(crate) iss_must_come: bool,
    #[serde(with = "shared_text")]
    pub(crate) client_id: Arc<str>,
    #[serde(with = "shared_text::optional")]
    pub(crate) redirect_uri: Option<Arc<str>>,
    pub(crate) scopes: Scopes,
    pub(crate) response_mode: ResponseMode,
    #[serde(with = "unix_seconds")]
    pub(crate) began: UtcDateTime,
    pub(crate) response_type: R,
}

impl<R: ResponseType> Pending<R> {
    /// Whether this callback answers this login: compares `state` alone, in constant time, and takes nothing, so that
    /// a stray or forged callback never costs a login.
    pub fn expects(&self, callback: &Callback<'_>) -> bool {
        let part = callback.part(self.response_mode.part());
        Parameters::parse(part).is_ok_and(|parameters| self.has_state(&parameters))
    }

    /// Checks the response and hands out what it carries.
    ///
    /// The order is fixed: the parameters are taken apart, then `state`, then `iss`, then `error`, and only then is a
    /// code or a token looked at. `now` is when the response arrived, UTC.
    ///
    /// # Errors
    /// [`Violation`] for whatever the response should not be; [`Misuse::Missing`] when it names its issuer and the server's metadata has
    /// none to compare it with; [`Refused`] when consent was denied or the server said no.
    pub fn receive(self, callback: &Callback<'_>, now: UtcDateTime) -> Result<R::Output, Error> {
        let expected = self.response_mode.part();
        let parameters = Parameters::parse(callback.part(expected))?;
        for part in Part::ALL.into_iter().filter(|part| *part != expected) {
            let elsewhere = Parameters::parse(callback.part(part))?;
            if let Some(name) = NEVER_ELSEWHERE.into_iter().find(|name| elsewhere.has(name)) {
                return Err(Violation::WrongResponseMode(name).into());
            }
        }
        if parameters.is_empty() {
            return Err(Violation::NoResponse.into());
        }
        if !self.has_state(&parameters) {
            return Err(Violation::StateMismatch.into());
        }
        self.check_issuer(&parameters, callback)?;
        if let Some(error) = parameters.value("error") {
            if SUCCESS.into_iter().any(|name| parameters.carries(name)) {
                return Err(Violation::Malformed("an error and a success in one response").into());
            }
            let texts = (
                parameters.value("error_description"),
                parameters.value("error_uri"),
            );
            let mut refused = Refused::by_redirect(error).with_texts(texts.0, texts.1);
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let sent = ErrorTexts {
                code: Some(error.to_owned()),
                description: owned(texts.0),
                uri: owned(texts.1),
            };
            refused.withhold(&sent, |text| text.contains(self.state.expose_secret()));
            return Err(refused.into());
        }
        R::receive(self, &parameters, now)
    }

    /// The state this login was begun with: a name to store it under.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// The part of the redirect that the response must be in: what was asked for, or the response type's own.
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// When the login was begun, UTC, to the second.
    pub fn began(&self) -> UtcDateTime {
        self.began
    }

    /// The scopes that were asked for.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    fn has_state(&self, parameters: &Parameters<'_>) -> bool {
        let expected = self.state.expose_secret().as_bytes();
        let state = parameters.value("state").unwrap_or("").as_bytes();
        !expected.is_empty() && is_same(expected, state)
    }

    /// RFC 9207 §2.4. Some servers put `iss` into the query whatever the response mode.
    fn check_issuer(
        &self,
        parameters: &Parameters<'_>,
        callback: &Callback<'_>,
    ) -> Result<(), Error> {
        let query = match self.response_mode {
            ResponseMode::Query => None,
            _ => Some(Parameters::parse(callback.part(Part::Query))?),
        };
        let in_query = query.as_ref().and_then(|query| query.value("iss"));
        let come = [parameters.value("iss"), in_query];
        let Some(issuer) = &self.issuer else {
            // What cannot be compared must not be passed over: another server may have sent it (RFC 9700 §4.4).
            return match come {
                [None, None] => Ok(()),
                _ => Err(Misuse::Missing("issuer").into()),
            };
        };
        // Where an ID token came, its `iss` counts instead: whoever unseals what came with it has checked that.
        let is_told_otherwise = R::ANSWERS.contains(&"id_token") && parameters.carries("id_token");
        let missing = self.iss_must_come && come == [None, None] && !is_told_otherwise;
        let is_other = |iss: &str| !self.issuer_comparison.is_same(iss, issuer.as_str());
        match missing || come.into_iter().flatten().any(is_other) {
            true => Err(Violation::IssuerMismatch.into()),
            false => Ok(()),
        }
    }
}

/// What no refusal has.
const SUCCESS: [&str; 3] = ["code", "access_token", "id_token"];

const NEVER_ELSEWHERE: [&str; 5] = ["code", "access_token", "id_token", "state", "error"];

/// Shows no state and no verifier.
impl<R: ResponseType> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("response_type", &R::NAME)
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .field("scopes", &self.scopes)
            .field("began", &self.began)
            .finish_non_exhaustive()
    }
}

/// Which part of the redirect carries the response (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseMode {
    /// After the `?`. Where a code comes by default.
    Query,
    /// After the `#`. Where a token comes by default.
    Fragment,
    /// In the body of a `POST` to the redirect URI.
    FormPost,
}

impl ResponseMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    pub(crate) fn part(self) -> Part {
        match self {
            Self::Query => Part::Query,
            Self::Fragment => Part::Fragment,
            Self::FormPost => Part::Form,
        }
    }
}

/// What is asked for (RFC 6749 §3.1.1), and what comes out. Sealed: [`Code`], [`Token`], and each [`FrontChannel`](crate::FrontChannel).
pub trait ResponseType: sealed::Receive {}

pub(crate) mod sealed {
    use super::*;

    pub trait Receive: Serialize + DeserializeOwned + Sized {
        type Output;
        const NAME: &'static str;
        /// The name as it stands in a query.
        const ENCODED: &'static str;
        const MODE: ResponseMode;
        /// What a success has.
        const ANSWERS: &'static [&'static str];

        /// What PKCE's verifier is, where PKCE belongs: only what is exchanged has somewhere to send one.
        fn seed(&self) -> Option<&Seed>;

        fn receive(
            pending: Pending<Self>,
            parameters: &Parameters<'_>,
            now: UtcDateTime,
        ) -> Result<Self::Output, Error>;
    }
}

/// `response_type=code`: an [`AuthorizedCode`] comes out.
#[derive(Clone, Serialize, Deserialize)]
pub struct Code {
    pub(crate) token_endpoint: Endpoint,
    pub(crate) seed: Seed,
}

impl ResponseType for Code {}

impl sealed::Receive for Code {
    type Output = AuthorizedCode;
    const NAME: &'static str = "code";
    const MODE: ResponseMode = ResponseMode::Query;
    const ENCODED: &'static str = "code";
    const ANSWERS: &'static [&'static str] = &["code"];

    fn seed(&self) -> Option<&Seed> {
        Some(&self.seed)
    }

    fn receive(
        pending: Pending<Self>,
        parameters: &Parameters<'_>,
        _: UtcDateTime,
    ) -> Result<AuthorizedCode, Error> {
        if ["access_token", "id_token"]
            .into_iter()
            .any(|name| parameters.carries(name))
        {
            return Err(
                Violation::Malformed("a token came where only a code was asked for").into(),
            );
        }
        let code = parameters.value("code").filter(|code| !code.is_empty());
        let code = code.ok_or(Violation::Malformed("the code is missing or empty"))?;
        Ok(AuthorizedCode {
            code: code.into(),
            token_endpoint: pending.response_type.token_endpoint,
            seed: pending.response_type.seed,
            client_id: pending.client_id,
            redirect_uri: pending.redirect_uri,
            scopes: pending.scopes,
        })
    }
}

/// A code that passed every check, with all it takes to exchange it: [`Client::exchange`](crate::Client::exchange).
///
/// Not `Clone`: a code is used once.
pub struct AuthorizedCode {
    pub(crate) code: Secret,
    pub(crate) token_endpoint: Endpoint,
    pub(crate) seed: Seed,
    pub(crate) client_id: Arc<str>,
    pub(crate) redirect_uri: Option<Arc<str>>,
    pub(crate) scopes: Scopes,
}

impl fmt::Debug for AuthorizedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizedCode(for {:?})", self.token_endpoint)
    }
}

/// `response_type=token`: a [`TokenSet`] comes out, never with a refresh token (RFC 6749 §4.2.2).
#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    pub(crate) parameter: TokenParameter,
    pub(crate) authorization_endpoint: Endpoint,
}

impl ResponseType for Token {}

impl sealed::Receive for Token {
    type Output = TokenSet;
    const NAME: &'static str = "token";
    const MODE: ResponseMode = ResponseMode::Fragment;
    const ENCODED: &'static str = "token";
    const ANSWERS: &'static [&'static str] = &["access_token"];

    fn seed(&self) -> Option<&Seed> {
        None
    }

    fn receive(
        pending: Pending<Self>,
        parameters: &Parameters<'_>,
        now: UtcDateTime,
    ) -> Result<TokenSet, Error> {
        if parameters.carries("code") {
            return Err(
                Violation::Malformed("a code came where only a token was asked for").into(),
            );
        }
        let parameter = pending.response_type.parameter;
        front_token(parameter, parameters, pending.scopes, now)
    }
}

/// The access token of a redirect (RFC 6749 §4.2.2).
pub(crate) fn front_token(
    parameter: TokenParameter,
    parameters: &Parameters<'_>,
    requested: Scopes,
    now: UtcDateTime,
) -> Result<TokenSet, Error> {
    let token = parameter.token(parameters)?;
    let token = AccessToken::new(token)
        .map_err(|_| Violation::Malformed("the access token is empty or not printable ASCII"))?;
    let token_type = parameters.value("token_type").and_then(TokenType::parse);
    let mut set = TokenSet::new(token);
    // A redirect has no room for a proof of possession.
    set.token_type = token_type
        .filter(|own| *own == TokenType::Bearer)
        .ok_or(Violation::TokenType)?;
    if let Some(seconds) = parameters.value("expires_in") {
        let lifetime = Lifetime::parse(seconds);
        let lifetime = lifetime.ok_or(Violation::Malformed("expires_in is not a number"))?;
        set.expires_at = Some(lifetime.after(now));
    }
    set.scopes = match parameters.value("scope") {
        Some(scopes) => Scopes::parse(scopes)
            .map_err(|_| Violation::Malformed("the scope has a character no scope may have"))?,
        None => requested,
    };
    Ok(set)
}

impl TokenParameter {
    fn token<'p>(self, parameters: &'p Parameters<'_>) -> Result<&'p str, Error> {
        let standard = parameters.value("access_token");
        let named = match self {
            Self::AccessToken => None,
            Self::TokenOrAccessToken => parameters.value("token"),
        };
        match (standard, named) {
            (Some(a), Some(b)) if !is_same(a.as_bytes(), b.as_bytes()) => {
                Err(Violation::Malformed("access_token and token differ").into())
            }
            (Some(token), _) | (None, Some(token)) => Ok(token),
            (None, None) => Err(Violation::NoAccessToken {
                setting: "token_parameter",
            }
            .into()),
        }
    }
}

/// Whether two texts are the same, in a time that tells nothing but whether they have one length.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    // Eight bytes at a time: one by one costs more than all else in a callback.
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks(), b.as_chunks());
    let words = a_words.iter().zip(b_words);
    let words = words.map(|(a, b)| u64::from_le_bytes(*a).ct_eq(&u64::from_le_bytes(*b)));
    let same = words.fold(a_rest.ct_eq(b_rest), |same, word| same & word);
    a.len() == b.len() && same.into()
}
