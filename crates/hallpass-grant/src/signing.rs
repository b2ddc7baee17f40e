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
    /// A key for one algorithm. `id` is the `kid` the authorization server knows it by (RFC 7515 §4.1.4); where that is empty, what it signs
    /// names no key.
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

/// Signature algorithms with a private key (RFC 7518 §3.1, RFC 8037 §3.1). Those with a secret are
/// [`MacAlgorithm`](crate::MacAlgorithm).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// ECDSA on P-521 with SHA-512.
    #[serde(rename = "ES512")]
    Es512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PSS with SHA-384.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSASSA-PSS with SHA-512.
    #[serde(rename = "PS512")]
    Ps512,
    /// Ed25519.
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm there is here.
    pub const ALL: [Self; 10] = [
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::EdDsa,
    ];

    /// The algorithm of a name, which is case-sensitive. Ed25519 has two: `EdDSA` and, by RFC 9864, `Ed25519`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::EdDsa),
            _ => Self::ALL.into_iter().find(|known| known.name() == name),
        }
    }

    /// The `alg` of a JWS header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::EdDsa => "EdDSA",
        }
    }

    fn is_length(self, bytes: usize) -> bool {
        match self {
            Self::Es256 | Self::EdDsa => bytes == 64,
            Self::Es384 => bytes == 96,
            Self::Es512 => bytes == 132,
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => {
                (256..=1024).contains(&bytes)
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_only_as_it_is_written() {
        for algorithm in SigningAlgorithm::ALL {
            let name = algorithm.name();
            assert_eq!(SigningAlgorithm::from_name(name), Some(algorithm));
            assert_eq!(SigningAlgorithm::from_name(&name.to_lowercase()), None);
            let written = serde_json::to_string(&algorithm).unwrap();
            assert_eq!(written, format!("\"{name}\""));
        }
        let ed25519 = SigningAlgorithm::from_name("Ed25519");
        assert_eq!(ed25519, Some(SigningAlgorithm::EdDsa));
        for unknown in ["none", "HS256", "ES256K", "Ed448", ""] {
            assert_eq!(SigningAlgorithm::from_name(unknown), None);
        }
    }

    #[test]
    fn a_signature_in_another_form_than_the_algorithms_is_refused() {
        for (algorithm, length) in [
            (SigningAlgorithm::Es256, 64),
            (SigningAlgorithm::Es384, 96),
            (SigningAlgorithm::Es512, 132),
            (SigningAlgorithm::EdDsa, 64),
            (SigningAlgorithm::Rs512, 256),
            (SigningAlgorithm::Ps384, 512),
        ] {
            let of = |bytes| Signature::new(vec![7; bytes]);
            assert!(of(length).checked(algorithm).is_ok(), "{algorithm:?}");
            // DER of the same numbers is a few bytes longer.
            for other in [0, 70, 71, 102, 138] {
                assert!(of(other).checked(algorithm).is_err(), "{algorithm:?}");
            }
        }
    }
}
