//! Response types with more than a code or more than a token in the redirect (OAuth 2.0 Multiple Response Types §3, OpenID Connect Core
//! §3.2 and §3.3). What comes is sealed until somebody who verifies ID tokens has said that it belongs together.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Secret, TokenSet};

use crate::form::Parameters;
use crate::pending::{AuthorizedCode, Pending, ResponseMode, ResponseType, front_token, sealed};
use crate::random::Seed;
use crate::{Endpoint, Error, TokenParameter, Violation};

/// A response type whose answer is sealed: an [`Opened`] comes out of [`Pending::receive`]. Sealed itself: there are five.
pub trait FrontChannel: ResponseType + Sealed {}

/// What distinguishes the five.
pub trait Sealed: sealed::Receive<Output = Opened> {
    #[doc(hidden)]
    fn new(parts: Parts) -> Self;
}

/// What a login of any of them keeps.
#[derive(Clone, Serialize, Deserialize)]
pub struct Parts {
    /// Where the code goes, and what is sent with it.
    pub(crate) exchange: Option<(Endpoint, Seed)>,
    pub(crate) parameter: TokenParameter,
}

macro_rules! front_channel {
    ($($(#[$doc:meta])* $name:ident: $text:literal as $encoded:literal, $carries:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Parts);

        impl ResponseType for $name {}
        impl FrontChannel for $name {}

        impl Sealed for $name {
            fn new(parts: Parts) -> Self {
                Self(parts)
            }
        }

        impl sealed::Receive for $name {
            type Output = Opened;
            const NAME: &'static str = $text;
            const ENCODED: &'static str = $encoded;
            const MODE: ResponseMode = ResponseMode::Fragment;
            const ANSWERS: &'static [&'static str] = &$carries;

            fn seed(&self) -> Option<&Seed> {
                self.0.exchange.as_ref().map(|(_, seed)| seed)
            }

            fn receive(
                pending: Pending<Self>,
                parameters: &Parameters<'_>,
                now: UtcDateTime,
            ) -> Result<Opened, Error> {
                Opened::read(pending, |own| own.0, parameters, now)
            }
        }
    )*};
}

front_channel! {
    /// `response_type=code id_token`: an ID token in front says that the code is this login's.
    CodeIdToken: "code id_token" as "code%20id_token", ["code", "id_token"];
    /// `response_type=code token`: an access token in front, and a code. What comes for the code says whose they are.
    CodeToken: "code token" as "code%20token", ["code", "access_token"];
    /// `response_type=code id_token token`: all three in front.
    CodeIdTokenToken: "code id_token token" as "code%20id_token%20token", ["code", "id_token", "access_token"];
    /// `response_type=id_token`: who the user is, and nothing else.
    IdToken: "id_token" as "id_token", ["id_token"];
    /// `response_type=id_token token`: an ID token that says that the access token beside it is this login's.
    IdTokenToken: "id_token token" as "id_token%20token", ["id_token", "access_token"];
}

/// What came in a redirect, with state, issuer and error checked. The ID token can be looked at; code and access token are sealed until
/// somebody has verified it.
///
/// Not `Clone`: a code is used once. `Debug` shows nothing of it.
pub struct Opened {
    id_token: Option<Secret>,
    code: Option<AuthorizedCode>,
    tokens: Option<TokenSet>,
    state: Secret,
}

/// Says whether what came in a redirect belongs together and to this login. `hallpass-oidc` has one.
pub trait FrontChannelVerifier {
    /// What it learns.
    type Output;

    /// Verifies the ID token, if the response type has one, and that it is about the code and the access token beside it
    /// (OpenID Connect Core §3.2.2.11, §3.3.2.11).
    ///
    /// # Errors
    /// Whatever is wrong: then nothing is handed out.
    fn verify(&self, came: &CameInFront<'_>) -> Result<Self::Output, Error>;
}

/// What a [`FrontChannelVerifier`] looks at.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct CameInFront<'o> {
    /// The ID token, as it came.
    pub id_token: Option<&'o str>,
    /// The code: `c_hash` is its.
    pub code: Option<&'o str>,
    /// The access token: `at_hash` is its.
    pub access_token: Option<&'o str>,
    /// The state of the login: `s_hash` is its.
    pub state: &'o str,
}

/// What was in an [`Opened`], verified.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unsealed<V> {
    /// What the verifier learned.
    pub verified: V,
    /// The code, to be exchanged: [`Client::exchange`](crate::Client::exchange).
    pub code: Option<AuthorizedCode>,
    /// The access token that came in front.
    pub tokens: Option<TokenSet>,
}

impl Opened {
    /// The ID token, for whoever verifies it: nothing in it may be believed yet.
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// Hands code and access token out if the verifier says that they are good.
    ///
    /// # Errors
    /// The verifier's; then they are gone.
    pub fn verify<V: FrontChannelVerifier>(
        self,
        verifier: &V,
    ) -> Result<Unsealed<V::Output>, Error> {
        let tokens = self.tokens.as_ref();
        let came = CameInFront {
            id_token: self.id_token.as_ref().map(Secret::expose_secret),
            code: self.code.as_ref().map(|code| code.code.expose_secret()),
            access_token: tokens.map(|tokens| tokens.access_token.expose_secret()),
            state: self.state.expose_secret(),
        };
        Ok(Unsealed {
            verified: verifier.verify(&came)?,
            code: self.code,
            tokens: self.tokens,
        })
    }

    fn read<R: ResponseType>(
        pending: Pending<R>,
        parts: impl FnOnce(R) -> Parts,
        parameters: &Parameters<'_>,
        now: UtcDateTime,
    ) -> Result<Self, Error> {
        let asked = |name: &str| R::ANSWERS.contains(&name);
        let all = ["code", "id_token", "access_token"];
        if all
            .into_iter()
            .any(|name| parameters.carries(name) && !asked(name))
        {
            return Err(Violation::Malformed("more came than was asked for").into());
        }
        let parts = parts(pending.response_type);
        let id_token = match asked("id_token") {
            true => Some(required(
                parameters,
                "id_token",
                "the ID token is missing or empty",
            )?),
            false => None,
        };
        let code = match parts.exchange {
            Some((token_endpoint, seed)) => Some(AuthorizedCode {
                code: required(parameters, "code", "the code is missing or empty")?,
                token_endpoint,
                seed,
                client_id: pending.client_id,
                redirect_uri: pending.redirect_uri,
                scopes: pending.scopes.clone(),
            }),
            None => None,
        };
        let tokens = match asked("access_token") {
            true => {
                let mut set = front_token(parts.parameter, parameters, pending.scopes, now)?;
                set.id_token.clone_from(&id_token);
                Some(set)
            }
            false => None,
        };
        Ok(Self {
            id_token,
            code,
            tokens,
            state: pending.state,
        })
    }
}

fn required(
    parameters: &Parameters<'_>,
    name: &str,
    missing: &'static str,
) -> Result<Secret, Error> {
    let value = parameters.value(name).filter(|value| !value.is_empty());
    value
        .map(Secret::new)
        .ok_or(Violation::Malformed(missing).into())
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(…)")
    }
}

impl fmt::Debug for CameInFront<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CameInFront(…)")
    }
}
