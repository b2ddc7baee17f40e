//! The key that tokens are bound to.

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::{AccessToken, Members};

use super::nonces::Nonces;
use super::proof::Proof;
use crate::public_key::PublicKey;
use crate::random::Random;
use crate::{Endpoint, Error, Misuse, Response, SigningKeyName};

/// A key that tokens are bound to (RFC 9449): its name at the signer, and its public half, which every proof shows.
///
/// The private half stays with the signer, and is kept as long as the tokens that are bound to it: without it they are worthless.
///
/// ```
/// # use hallpass_grant::{DpopKey, SigningAlgorithm, SigningKeyName};
/// # fn main() -> Result<(), hallpass_grant::Error> {
/// let name = SigningKeyName::new(SigningAlgorithm::Es256, "laptop-2026");
/// let key = DpopKey::new(
///     name,
///     r#"{"kty":"EC","crv":"P-256",
///         "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///         "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
/// )?;
/// assert_eq!(key.thumbprint().len(), 43);
/// # Ok(()) }
/// ```
///
/// Clones share what servers have asked for: the newest nonce of each origin (RFC 9449 §8.2).
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct DpopKey {
    name: SigningKeyName,
    public: PublicKey,
    #[serde(skip)]
    nonces: Nonces,
}

impl DpopKey {
    /// A key of the signer's. `public_jwk` is its public half as JWK (RFC 7517).
    ///
    /// # Errors
    /// [`Misuse::Invalid`] when the JWK is no public key of the name's algorithm, and when it has the private key in it.
    pub fn new(name: SigningKeyName, public_jwk: &str) -> Result<Self, Error> {
        Self::of_members(name, &PublicKey::parse(public_jwk)?)
    }

    fn of_members(name: SigningKeyName, jwk: &Members) -> Result<Self, Error> {
        let public = PublicKey::from_jwk(jwk, name.algorithm())?;
        Ok(Self {
            name,
            public,
            nonces: Nonces::default(),
        })
    }

    /// The key's name at the signer.
    pub fn name(&self) -> &SigningKeyName {
        &self.name
    }

    /// The SHA-256 thumbprint of the public key (RFC 7638), as base64url: `jkt` where a server tells what a token is bound to.
    pub fn thumbprint(&self) -> String {
        self.public.thumbprint()
    }

    /// Begins the proof that goes with a bound token on one call of an API (RFC 9449 §7). `target` is the request's whole address.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not https (http on loopback) or has user info in it; [`Misuse::Random`].
    pub fn proof(
        &self,
        method: &str,
        target: &str,
        token: &AccessToken,
        random: &mut impl Random,
    ) -> Result<Proof, Error> {
        Proof::new(self, method, place(target)?, token, random)
    }

    /// Looks at what an API answered: keeps the nonce that came, and tells whether the call was refused for the want of one, so
    /// that it is to be made once more, with a new proof (RFC 9449 §9).
    ///
    /// # Errors
    /// [`Misuse::Invalid`] as for [`proof`](Self::proof).
    pub fn is_challenged(&self, target: &str, response: &Response) -> Result<bool, Error> {
        Ok(self.hear(&place(target)?, response) && response.wants_dpop_nonce())
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn nonce(&self, origin: &str) -> Option<String> {
        self.nonces.of(origin)
    }

    /// Keeps the nonce that came, if one came.
    pub(crate) fn hear(&self, from: &Endpoint, response: &Response) -> bool {
        let nonce = response.dpop_nonce();
        nonce.is_some_and(|nonce| self.nonces.keep(from.origin(), nonce))
    }
}

/// A key as it was stored, or written by hand: not checked yet.
#[derive(Deserialize)]
struct Stored {
    name: SigningKeyName,
    public: Members,
}

impl TryFrom<Stored> for DpopKey {
    type Error = Error;

    fn try_from(Stored { name, public }: Stored) -> Result<Self, Error> {
        Self::of_members(name, &public)
    }
}

/// What `htu` names: an address without query and fragment (RFC 9449 §4.2).
fn place(target: &str) -> Result<Endpoint, Error> {
    let place = target.split(['?', '#']).next().unwrap_or("");
    let path = place.find("://").map_or(0, |at| at + 3);
    let path = place[path..].find('/').map_or(place.len(), |at| path + at);
    let (origin, path) = place.split_at(path);
    let place = format!("{}{path}", origin.to_ascii_lowercase());
    Endpoint::new(place).map_err(|error| {
        let misuse = Misuse::Invalid {
            field: "the request's address",
            reason: "a proof names an https address (http for this machine alone) of at most 2,048 characters, without user info, \
                     every character that an address may not have percent-encoded",
        };
        Error::from(misuse).with_source(error)
    })
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DpopKey").field(&self.name).finish()
    }
}
