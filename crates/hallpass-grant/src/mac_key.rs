//! A secret that signs: HMAC with SHA-2 (RFC 7518 §3.2), computed where the secret is.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha384, Sha512};

use hallpass_token::Secret;

use crate::{Error, Misuse};

/// A secret that signs, such as a client secret for `client_secret_jwt`. `Debug` shows the algorithm alone.
///
/// A private key stays with the driver's signer; a client secret is with the client anyhow, so no signer is asked for this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct MacKey {
    algorithm: MacAlgorithm,
    /// In a box, so that no client is larger for what few clients have.
    secret: Box<Secret>,
}

impl MacKey {
    /// A secret for one algorithm; its octets are those of its UTF-8 (OpenID Connect Core §10.1).
    ///
    /// # Errors
    /// [`Misuse::Invalid`] when it is shorter than the algorithm's hash (RFC 7518 §3.2): whoever sees one signature could find it.
    pub fn new(algorithm: MacAlgorithm, secret: impl Into<Secret>) -> Result<Self, Error> {
        let secret = secret.into();
        match secret.expose_secret().len() < algorithm.hash_bytes() {
            true => Err(Misuse::Invalid {
                field: "client secret",
                reason: "it is shorter than the hash of the algorithm that it is to sign with: use a shorter hash, or \
                         have the server issue a longer secret",
            }
            .into()),
            false => Ok(Self {
                algorithm,
                secret: secret.into(),
            }),
        }
    }

    /// How it signs.
    pub fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    /// The secret.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The signature of a JWS.
    pub(crate) fn sign(&self, signing_input: &str) -> Vec<u8> {
        let secret = self.secret.expose_secret().as_bytes();
        let message = signing_input.as_bytes();
        match self.algorithm {
            MacAlgorithm::Hs256 => sign::<Hmac<Sha256>>(secret, message),
            MacAlgorithm::Hs384 => sign::<Hmac<Sha384>>(secret, message),
            MacAlgorithm::Hs512 => sign::<Hmac<Sha512>>(secret, message),
        }
    }
}

/// A key as it is stored, which somebody else may have written.
#[derive(Deserialize)]
struct Stored {
    algorithm: MacAlgorithm,
    secret: Secret,
}

impl TryFrom<Stored> for MacKey {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.algorithm, stored.secret)
    }
}

/// Signature algorithms with a shared secret (RFC 7518 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
    /// HMAC with SHA-384.
    #[serde(rename = "HS384")]
    Hs384,
    /// HMAC with SHA-512.
    #[serde(rename = "HS512")]
    Hs512,
}

impl MacAlgorithm {
    /// The algorithm of a name, which is case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "HS384" => Some(Self::Hs384),
            "HS512" => Some(Self::Hs512),
            _ => None,
        }
    }

    /// The `alg` of a JWS header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    fn hash_bytes(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

fn sign<M: Mac + KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; what must not be signed with was refused when the key was made.
    let mac = <M as KeyInit>::new_from_slice(secret);
    mac.map_or_else(
        |_| Vec::new(),
        |mac| mac.chain_update(message).finalize().into_bytes().to_vec(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_rfc_4231_section_4_3() {
        let (secret, message) = (b"Jefe", b"what do ya want for nothing?");
        let hex =
            |bytes: Vec<u8>| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
        assert_eq!(
            hex(sign::<Hmac<Sha256>>(secret, message)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(sign::<Hmac<Sha384>>(secret, message)),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        );
        assert_eq!(
            hex(sign::<Hmac<Sha512>>(secret, message)),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
    }

    #[test]
    fn a_secret_shorter_than_the_hash_signs_nothing() {
        for algorithm in [
            MacAlgorithm::Hs256,
            MacAlgorithm::Hs384,
            MacAlgorithm::Hs512,
        ] {
            assert_eq!(MacAlgorithm::from_name(algorithm.name()), Some(algorithm));
            let secret = |length: usize| "canary".repeat(11)[..length].to_owned();
            assert!(MacKey::new(algorithm, secret(algorithm.hash_bytes())).is_ok());
            let error = MacKey::new(algorithm, secret(algorithm.hash_bytes() - 1)).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            assert!(MacKey::new(algorithm, "").is_err());
        }
        let key = MacKey::new(MacAlgorithm::Hs256, "canary".repeat(6)).unwrap();
        let stored = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<MacKey>(&stored).unwrap(), key);
        let short = stored.replacen("canary", "", 1);
        let error = serde_json::from_str::<MacKey>(&short).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("canary"), "{error}");
        assert_eq!(MacAlgorithm::from_name("hs256"), None);
        assert_eq!(MacAlgorithm::from_name("none"), None);
    }
}
