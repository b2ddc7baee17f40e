//! Taking a token back (RFC 7009).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{AccessToken, RefreshToken};

use crate::call::{Answer, sealed};
use crate::form::Form;
use crate::random::{Random, Seed};
use crate::{Call, Client, Error, ErrorCode, ErrorKind, Misuse, Refused, Response};

/// A token that the server is told or asked about.
#[derive(Clone, Copy, Debug)]
pub enum IssuedToken<'t> {
    /// An access token.
    Access(&'t AccessToken),
    /// A refresh token.
    Refresh(&'t RefreshToken),
}

impl IssuedToken<'_> {
    /// The fields of RFC 7009 §2.1 and RFC 7662 §2.1.
    pub(crate) fn form(self) -> Form {
        let (token, hint) = match self {
            Self::Access(token) => (token.expose_secret(), "access_token"),
            Self::Refresh(token) => (token.expose_secret(), "refresh_token"),
        };
        Form::with_capacity(256)
            .field("token", token)
            .plain_field("token_type_hint", hint)
    }
}

impl<'t> From<&'t AccessToken> for IssuedToken<'t> {
    fn from(token: &'t AccessToken) -> Self {
        Self::Access(token)
    }
}

impl<'t> From<&'t RefreshToken> for IssuedToken<'t> {
    fn from(token: &'t RefreshToken) -> Self {
        Self::Refresh(token)
    }
}

impl Client {
    /// Takes a token back (RFC 7009): give the refresh token, and most servers end the access tokens with it.
    ///
    /// A token that the server does not know is no error (RFC 7009 §2.2). If the answer is lost, ask again.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no revocation endpoint; [`Misuse::Random`].
    pub fn revoke<'t>(
        &self,
        token: impl Into<IssuedToken<'t>>,
        random: &mut impl Random,
    ) -> Result<Call<RevocationAnswer>, Error> {
        let endpoint = self.server().revocation_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("revocation endpoint"))?;
        let seed = Seed::draw(random)?;
        let form = token.into().form();
        Ok(Call::new(
            self,
            endpoint.clone(),
            form,
            seed,
            RevocationAnswer,
        ))
    }
}

/// Reads the answer to a revocation: nothing, when the token is gone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RevocationAnswer;

impl Answer for RevocationAnswer {}

impl sealed::Read for RevocationAnswer {
    type Output = ();

    fn read(&self, response: &Response, _: UtcDateTime) -> Result<(), Error> {
        response.success().or_else(|error| {
            let code = error.refused().and_then(Refused::code);
            // Google says so of a token that is gone already, which is what was asked for.
            match (code.map(ErrorCode::as_str), response.status()) {
                (Some("invalid_token"), 400) => Ok(()),
                _ => Err(error),
            }
        })
    }

    fn lost(&self) -> ErrorKind {
        ErrorKind::Transport
    }
}
