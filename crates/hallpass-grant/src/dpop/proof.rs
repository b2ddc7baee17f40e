//! The proof that whoever sends a request has the key (RFC 9449 §4.2).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

use hallpass_token::{AccessToken, Secret};

use super::key::DpopKey;
use crate::conversation::{Conversation, Input, NotSigned, Step};
use crate::public_key::PublicKey;
use crate::random::{Random, Seed};
use crate::{Endpoint, Error, ErrorKind, Misuse, SigningInput, jws};

/// A proof for one call of an API, in the making: [`DpopKey::proof`] begins it, and the value of a `DPoP` header comes out.
///
/// It is good for that call alone; the next one has its own.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proof {
    key: DpopKey,
    method: String,
    place: Endpoint,
    token_hash: String,
    seed: Seed,
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum State {
    Ready,
    Signing { signing_input: Secret },
    Over,
}

impl Proof {
    pub(super) fn new(
        key: &DpopKey,
        method: &str,
        place: Endpoint,
        token: &AccessToken,
        random: &mut impl Random,
    ) -> Result<Self, Error> {
        let token_hash = Sha256::digest(token.expose_secret());
        Ok(Self {
            key: key.clone(),
            method: method.to_owned(),
            place,
            token_hash: Base64UrlUnpadded::encode_string(&token_hash),
            seed: Seed::draw(random)?,
            state: State::Ready,
        })
    }
}

impl Conversation for Proof {
    type Output = Secret;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<Secret>, Error> {
        match (&self.state, input) {
            (State::Ready, Input::Begin) => {
                let claims = Claims {
                    method: &self.method,
                    place: &self.place,
                    token_hash: Some(&self.token_hash),
                    demanded: None,
                };
                let text = claims.signing_input(&self.key, &self.seed.jwt_id(0, now), now);
                let input = SigningInput::new(self.key.name().clone(), text.as_bytes().to_vec());
                self.state = State::Signing {
                    signing_input: text.into(),
                };
                Ok(Step::Sign(input))
            }
            (State::Signing { signing_input }, Input::Signature(signature)) => {
                let signature = signature.checked(self.key.name().algorithm())?;
                let proof = jws::compact(signing_input.expose_secret(), signature);
                self.state = State::Over;
                Ok(Step::Done(proof.into()))
            }
            (State::Signing { .. }, Input::NotSigned(reason)) => {
                self.state = State::Over;
                Err(unproven(reason).into())
            }
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

/// What a bound token is worth when its key does not sign.
pub(crate) fn unproven(reason: NotSigned) -> ErrorKind {
    match reason {
        NotSigned::UnknownKey => ErrorKind::KeyLost,
        NotSigned::Failed => ErrorKind::Transport,
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof")
            .field("key", &self.key)
            .field("method", &self.method)
            .field("place", &self.place)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What one proof says: which request it is for.
pub(crate) struct Claims<'a> {
    pub(crate) method: &'a str,
    pub(crate) place: &'a Endpoint,
    pub(crate) token_hash: Option<&'a str>,
    /// The nonce that was asked for in answer to the request before.
    pub(crate) demanded: Option<&'a str>,
}

impl Claims<'_> {
    /// The JWS signing input, with the nonce that the place's origin last asked for.
    pub(crate) fn signing_input(&self, key: &DpopKey, jti: &Secret, now: UtcDateTime) -> String {
        let header = Header {
            typ: "dpop+jwt",
            alg: key.name().algorithm().name(),
            jwk: key.public(),
        };
        let nonce = key.nonce(self.place.origin());
        let claims = Payload {
            jti: jti.expose_secret(),
            htm: self.method,
            htu: self.place.without_query(),
            iat: now.unix_timestamp(),
            ath: self.token_hash,
            nonce: nonce.as_deref().or(self.demanded),
        };
        jws::signing_input(&header, &claims)
    }
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    jwk: &'a PublicKey,
}

#[derive(Serialize)]
struct Payload<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}
