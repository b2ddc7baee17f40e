//! Signed tokens in their compact form (RFC 7515 §3.1, §7.1).

use std::fmt;

use crate::{
    Claims, Error, Header, Members, SelectionError, SignatureAlgorithm, TokenError,
    VerificationKey, base64url,
};

/// The longest token that is read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// The longest signature, in bytes: RSA with 8192 bits.
const MAX_SIGNATURE: usize = 1024;

/// A compact JWS, taken apart and not verified.
///
/// `Debug` shows its header and sizes.
#[derive(Clone, PartialEq)]
pub struct CompactJws<'t> {
    signing_input: &'t str,
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> CompactJws<'t> {
    /// Takes a token apart. What is too long or has not three parts is refused before anything is decoded.
    ///
    /// # Errors
    /// [`TokenError`] where it is no compact JWS whose header can be acted on: unsigned, encrypted, with an unknown algorithm or
    /// a critical extension, or with a part that is not in its one spelling.
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        let [header, payload, signature] = parts(token).map_err(|found| match found {
            Found::TooLong => TokenError::TooLong,
            Found::Parts(5) => TokenError::Encrypted,
            Found::Parts(_) => TokenError::Parts,
        })?;
        if signature.len() > MAX_SIGNATURE.div_ceil(3) * 4 {
            return Err(TokenError::Signature);
        }
        // The header first: what it says decides whether the rest is worth decoding.
        let signing_input = &token[..header.len() + 1 + payload.len()];
        let header = Header::read(header)?;
        Ok(Self {
            signing_input,
            header,
            payload: decode("payload", payload)?,
            signature: decode("signature", signature)?,
        })
    }

    /// What the token says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What is signed: header and payload, encoded, with a dot between them.
    pub fn signing_input(&self) -> &'t str {
        self.signing_input
    }

    /// The signature, decoded.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The payload, though nobody knows who made it. It may decide whose keys to verify it with, and nothing else.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }
}

impl<'t> CompactJws<'t> {
    /// Verifies the token with the one key it can only be signed with. Its algorithm has to be one of those that were asked for.
    pub(crate) fn verify_with(
        self,
        asked_for: &[SignatureAlgorithm],
        select: impl FnOnce(SignatureAlgorithm, Option<&str>) -> Result<VerificationKey, SelectionError>,
    ) -> Result<VerifiedJws<'t>, Error> {
        let algorithm = self.header.algorithm();
        if !asked_for.contains(&algorithm) {
            return Err(TokenError::UnexpectedAlgorithm { name: "alg" }.into());
        }
        let key = select(algorithm, self.header.key_id())?;
        Ok(key.verify(self)?)
    }
}

impl fmt::Debug for CompactJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CompactJws({:?}, payload of {} bytes, not verified)",
            self.header,
            self.payload.len()
        )
    }
}

/// A compact JWS whose signature was verified.
///
/// `Debug` shows its header and size.
#[derive(Clone, PartialEq)]
pub struct VerifiedJws<'t>(CompactJws<'t>);

impl<'t> VerifiedJws<'t> {
    pub(crate) fn new(token: CompactJws<'t>) -> Self {
        Self(token)
    }

    /// The header, which is signed as well.
    pub fn header(&self) -> &Header {
        &self.0.header
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        &self.0.payload
    }

    /// The payload as a claims set (RFC 7519 §4).
    ///
    /// # Errors
    /// [`TokenError::Json`] where it is no JSON object with each member once.
    pub fn claims(&self) -> Result<Claims, TokenError> {
        let read = Members::read(self.payload()).map(Claims::new);
        read.map_err(|source| TokenError::Json {
            part: "payload",
            source,
        })
    }
}

impl fmt::Debug for VerifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = self.0.payload.len();
        write!(
            f,
            "VerifiedJws({:?}, payload of {payload} bytes)",
            self.0.header
        )
    }
}

/// Why a token does not have so many parts.
pub(crate) enum Found {
    TooLong,
    Parts(usize),
}

/// The parts of a token between its dots, `N` of them.
pub(crate) fn parts<const N: usize>(token: &str) -> Result<[&str; N], Found> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Found::TooLong);
    }
    let mut parts = [""; N];
    let mut found = 0;
    // A token has five parts at most; a sixth says that there are too many, however many there are.
    for part in token.split('.').take(6) {
        if let Some(place) = parts.get_mut(found) {
            *place = part;
        }
        found += 1;
    }
    match found == N {
        true => Ok(parts),
        false => Err(Found::Parts(found)),
    }
}

pub(crate) fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, TokenError> {
    base64url::decode(text).ok_or(TokenError::Base64Url { part })
}
