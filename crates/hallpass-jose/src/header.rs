//! The header of a token (RFC 7515 §4), as far as it is for whoever reads it.

use std::fmt;

use crate::{Json, Members, SignatureAlgorithm, TokenError, base64url};

/// The header of a signed token.
///
/// Keys and addresses in it (`jwk`, `jku`, `x5u`, `x5c`) are not read: whoever made the token chose them. `Debug` shows the
/// algorithm and how many parameters there are.
#[derive(Clone, PartialEq)]
pub struct Header {
    algorithm: SignatureAlgorithm,
    parameters: Members,
}

impl Header {
    /// Reads the first part of a compact JWS.
    pub(crate) fn read(encoded: &str) -> Result<Self, TokenError> {
        let parameters = read_parameters(encoded)?;
        // What only an encrypted token has.
        if parameters.value("enc").is_some() {
            return Err(TokenError::Encrypted);
        }
        let name = text(&parameters, "alg")?.ok_or(TokenError::Header { name: "alg" })?;
        if name.eq_ignore_ascii_case("none") {
            return Err(TokenError::Unsigned);
        }
        let algorithm = SignatureAlgorithm::from_name(name);
        let algorithm = algorithm.ok_or(TokenError::UnknownAlgorithm { name: "alg" })?;
        match parameters.value("b64") {
            None | Some(Json::Bool(true)) => {}
            Some(_) => return Err(TokenError::Unencoded),
        }
        Ok(Self {
            algorithm,
            parameters,
        })
    }

    /// How the token says it is signed (`alg`).
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Which key the token says it is signed with (`kid`).
    pub fn key_id(&self) -> Option<&str> {
        self.parameter("kid")
    }

    /// What kind of token it says it is (`typ`), such as `JWT` or `logout+jwt` (RFC 8725 §3.11).
    pub fn token_type(&self) -> Option<&str> {
        self.parameter("typ")
    }

    /// What it says its payload is (`cty`).
    pub fn content_type(&self) -> Option<&str> {
        self.parameter("cty")
    }

    /// All parameters.
    pub fn parameters(&self) -> &Members {
        &self.parameters
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.value(name).and_then(Json::as_str)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({}, {:?})", self.algorithm, self.parameters)
    }
}

/// What the header of a signed and of an encrypted token have in common.
pub(crate) fn read_parameters(encoded: &str) -> Result<Members, TokenError> {
    const PART: &str = "header";
    let json = base64url::decode(encoded).ok_or(TokenError::Base64Url { part: PART })?;
    let parameters =
        Members::read(&json).map_err(|source| TokenError::Json { part: PART, source })?;
    for name in ["kid", "typ", "cty"] {
        text(&parameters, name)?;
    }
    // No extension is understood here, and one that is critical must be (RFC 7515 §4.1.11).
    match parameters.value("crit") {
        None => Ok(parameters),
        Some(_) => Err(TokenError::Critical),
    }
}

pub(crate) fn text<'m>(
    parameters: &'m Members,
    name: &'static str,
) -> Result<Option<&'m str>, TokenError> {
    match parameters.value(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Header { name }),
    }
}
