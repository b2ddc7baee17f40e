//! What is signed, and what comes back. The key stays with whoever drives the conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Misuse};

/// Something to be signed with a key that the driver's caller holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningInput {
    key: SigningKeyName,
    bytes: Vec<u8>,
}

impl SigningInput {
    pub(crate) fn new(key: SigningKeyName, bytes: Vec<u8>) -> Self {
        Self { key, bytes }
    }

    /// Which key, and how.
    pub fn key(&self) -> &SigningKeyName {
        &self.key
    }

    /// The bytes to be signed: a JWS signing input (RFC 7515 §5.1). Hashing is part of the algorithm.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for SigningInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SigningInput({:?}, {} bytes)",
            self.key,
            self.bytes.len()
        )
    }
}

/// Names a signing key: the key itself is never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKeyName {
    algorithm: SigningAlgorithm,
    id: String,
}

impl SigningKeyName {
    /// A key for one algorithm. `id` is the `kid` the authorization server knows it by (RFC 7515 §4.1.4).
    pub fn new(algorithm: SigningAlgorithm, id: impl Into<String>) -> Self {
        Self {
            algorithm,
            id: id.into(),
        }
    }

    /// How it signs.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The `kid`.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Signature algorithms with a private key (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// The `alg` of a JWS header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        }
    }

    fn is_length(self, bytes: usize) -> bool {
        match self {
            Self::Es256 | Self::EdDsa => bytes == 64,
            Self::Rs256 | Self::Ps256 => (256..=1024).contains(&bytes),
        }
    }
}

/// A signature in the form of JWS (RFC 7518 §3): for ECDSA the two numbers one after the other, not DER.
#[derive(Clone)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// Takes the raw signature.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn checked(&self, algorithm: SigningAlgorithm) -> Result<&[u8], Error> {
        match algorithm.is_length(self.0.len()) {
            true => Ok(&self.0),
            false => Err(Misuse::SignatureForm.into()),
        }
    }
}

/// With the assertion it belongs to a signature is a credential, so it is not shown.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.0.len())
    }
}
