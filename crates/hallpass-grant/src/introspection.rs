//! Asking the server about a token (RFC 7662).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Json, Members, Scopes};

use crate::call::{Answer, sealed};
use crate::random::{Random, Seed};
use crate::token_answer::text;
use crate::{
    Call, Client, ClientAuthentication, Error, ErrorKind, IssuedToken, Misuse, Response, Violation,
};

/// What a server says about a token (RFC 7662 §2.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Introspection {
    /// The token is good.
    Active(Box<TokenInformation>),
    /// The token is not good, or not this client's to know about. A server says no more.
    Inactive,
}

/// What a server says about a good token. What it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TokenInformation {
    /// `scope`
    pub scopes: Option<Scopes>,
    /// `client_id`: whom the token was given to.
    pub client_id: Option<String>,
    /// `username`: a name to show for the resource owner.
    pub username: Option<String>,
    /// `token_type`
    pub token_type: Option<String>,
    /// `exp`: when the token ends, UTC.
    pub expires_at: Option<UtcDateTime>,
    /// `iat`: when it was issued, UTC.
    pub issued_at: Option<UtcDateTime>,
    /// `nbf`: when it begins, UTC.
    pub not_before: Option<UtcDateTime>,
    /// `sub`: the resource owner.
    pub subject: Option<String>,
    /// `aud`: whom the token is for; a single one is a list of one.
    pub audiences: Vec<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `jti`
    pub jwt_id: Option<String>,
    /// Every other member, as it came.
    pub extra: Members,
}

impl Client {
    /// Asks the server about a token (RFC 7662): for resource servers, which authenticate as clients do.
    ///
    /// # Errors
    /// [`Misuse::Missing`] for a public client, which no server may tell anything (RFC 7662 §2.1), and when the server has no
    /// introspection endpoint; [`Misuse::Random`].
    pub fn introspect<'t>(
        &self,
        token: impl Into<IssuedToken<'t>>,
        random: &mut impl Random,
    ) -> Result<Call<IntrospectionAnswer>, Error> {
        if matches!(self.authentication(), ClientAuthentication::None) {
            return Err(Misuse::Missing("client secret or key").into());
        }
        let endpoint = self.server().introspection_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("introspection endpoint"))?;
        let seed = Seed::draw(random)?;
        let form = token.into().form();
        Ok(Call::new(
            self,
            endpoint.clone(),
            form,
            seed,
            IntrospectionAnswer,
        ))
    }
}

/// Reads an [`Introspection`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct IntrospectionAnswer;

impl Answer for IntrospectionAnswer {}

impl sealed::Read for IntrospectionAnswer {
    type Output = Introspection;

    fn read(&self, response: &Response, _: UtcDateTime) -> Result<Introspection, Error> {
        let mut members = response.json()?;
        match members.remove("active") {
            Some(Json::Bool(true)) => TokenInformation::read(members)
                .map(|information| Introspection::Active(Box::new(information))),
            Some(Json::Bool(false)) => Ok(Introspection::Inactive),
            // A text "false" must not be taken for anything.
            _ => Err(Violation::Malformed("active is neither true nor false").into()),
        }
    }

    fn lost(&self) -> ErrorKind {
        ErrorKind::Transport
    }
}

impl TokenInformation {
    fn read(mut members: Members) -> Result<Self, Error> {
        let members = &mut members;
        Ok(Self {
            scopes: match text(members, "scope")? {
                Some(scope) => Some(Scopes::parse(&scope).map_err(|_| {
                    Violation::Malformed("scope has a character no scope may have")
                })?),
                None => None,
            },
            client_id: text(members, "client_id")?,
            username: text(members, "username")?,
            token_type: text(members, "token_type")?,
            expires_at: date(members, "exp")?,
            issued_at: date(members, "iat")?,
            not_before: date(members, "nbf")?,
            subject: text(members, "sub")?,
            audiences: match members.remove("aud") {
                None | Some(Json::Null) => Vec::new(),
                Some(Json::String(audience)) => vec![audience],
                Some(Json::Array(values)) => {
                    let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
                    let texts: Option<Vec<String>> = texts.collect();
                    texts.ok_or(Violation::Malformed("aud has something that is no text"))?
                }
                Some(_) => return Err(Violation::Malformed("aud is neither text nor list").into()),
            },
            issuer: text(members, "iss")?,
            jwt_id: text(members, "jti")?,
            extra: std::mem::take(members),
        })
    }
}

/// RFC 7519 §2: seconds since 1970, perhaps with a fraction.
fn date(members: &mut Members, name: &str) -> Result<Option<UtcDateTime>, Error> {
    let seconds = match members.remove(name) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Integer(seconds)) => i64::try_from(seconds).ok(),
        // What is too large for an i64 becomes its end, which no date has.
        Some(Json::Float(seconds)) => Some(seconds as i64),
        Some(_) => None,
    };
    let date = seconds.and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok());
    match date {
        Some(date) => Ok(Some(date)),
        None => Err(Violation::Malformed("exp, iat or nbf is not a date").into()),
    }
}
