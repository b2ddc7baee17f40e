//! A local key that signs with one algorithm.

use std::fmt;

use p521::ecdsa::signature::hazmat::PrehashSigner;
use ring::rand::SystemRandom;
use ring::{digest, hmac, rsa, signature};

use crate::algorithm::KeyKind;
use crate::private_jwk::PrivateKey;
use crate::{
    Curve, Json, KeyError, Members, PrivateJwk, PublicKey, SignatureAlgorithm, SigningError,
    base64url, hmac_key,
};

/// A private key or a shared secret with the one algorithm it signs with.
///
/// Made by [`PrivateJwk::signing_key`] and [`SymmetricKey::signing_key`](crate::SymmetricKey::signing_key). `Debug` shows the
/// algorithm and the key's name.
pub struct SigningKey {
    algorithm: SignatureAlgorithm,
    id: Option<String>,
    material: Material,
}

enum Material {
    Hmac(hmac::Key),
    Rsa(Box<rsa::KeyPair>, &'static dyn signature::RsaEncoding),
    Ecdsa(Box<signature::EcdsaKeyPair>),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Box<signature::Ed25519KeyPair>),
}

impl SigningKey {
    pub(crate) fn of_secret(
        secret: &[u8],
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            algorithm,
            id: None,
            material: Material::Hmac(hmac_key::new(secret, algorithm)?),
        })
    }

    pub(crate) fn of_private(
        key: &PrivateJwk,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, KeyError> {
        let material = match (key.secret(), algorithm.key_kind()) {
            (PrivateKey::Rsa(key), KeyKind::Rsa) => {
                Material::Rsa(Box::new(key.key_pair()?), rsa_encoding(algorithm))
            }
            (PrivateKey::Curve(own, d), KeyKind::Curve(curve)) if *own == curve => {
                of_curve(curve, d, key.public().key())?
            }
            _ => {
                return Err(KeyError::Kind {
                    algorithm: algorithm.name(),
                });
            }
        };
        Ok(Self {
            algorithm,
            id: key.id().map(str::to_owned),
            material,
        })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key's name (`kid`).
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Signs a message, such as a JWS signing input. What comes back is in the form of JWS (RFC 7518 §3): for ECDSA the two
    /// numbers one after the other.
    ///
    /// # Errors
    /// [`SigningError::Failed`] where the system has no randomness to give.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let random = SystemRandom::new();
        let failed = |_| SigningError::Failed;
        match &self.material {
            Material::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Material::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(*encoding, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Material::Ecdsa(key) => {
                let signature = key.sign(&random, message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Material::P521(key) => {
                let hash = digest::digest(&digest::SHA512, message);
                let signature: p521::ecdsa::Signature = key
                    .sign_prehash(hash.as_ref())
                    .map_err(|_| SigningError::Failed)?;
                Ok(signature.to_bytes().to_vec())
            }
            Material::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }

    /// A compact JWS over a payload. Its header has `alg`, the key's `kid`, and the `typ` that is given.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn token(&self, token_type: Option<&str>, payload: &[u8]) -> Result<String, SigningError> {
        let mut header = Members::default();
        header.insert("alg", Json::String(self.algorithm.name().to_owned()));
        for (name, value) in [("kid", self.id()), ("typ", token_type)] {
            if let Some(value) = value {
                header.insert(name, Json::String(value.to_owned()));
            }
        }
        // Members hold nothing that cannot be written.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let input = format!(
            "{}.{}",
            base64url::encode(&header),
            base64url::encode(payload)
        );
        let signature = self.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", base64url::encode(&signature)))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, kid {:?})", self.algorithm, self.id)
    }
}

fn rsa_encoding(algorithm: SignatureAlgorithm) -> &'static dyn signature::RsaEncoding {
    match algorithm {
        SignatureAlgorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        SignatureAlgorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        SignatureAlgorithm::Ps256 => &signature::RSA_PSS_SHA256,
        SignatureAlgorithm::Ps384 => &signature::RSA_PSS_SHA384,
        SignatureAlgorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}

fn of_curve(curve: Curve, d: &[u8], public: &PublicKey) -> Result<Material, KeyError> {
    let PublicKey::Curve(public) = public else {
        return Err(KeyError::Inconsistent);
    };
    let nist = |scheme| {
        let random = SystemRandom::new();
        let pair = signature::EcdsaKeyPair::from_private_key_and_public_key(
            scheme,
            d,
            public.point(),
            &random,
        );
        pair.map(|pair| Material::Ecdsa(Box::new(pair)))
            .map_err(|_| KeyError::Inconsistent)
    };
    match curve {
        Curve::P256 => nist(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => nist(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Curve::P521 => {
            let key = p521::ecdsa::SigningKey::from_slice(d).map_err(|_| KeyError::Inconsistent)?;
            Ok(Material::P521(Box::new(key)))
        }
        Curve::Ed25519 => {
            let pair = signature::Ed25519KeyPair::from_seed_and_public_key(d, public.point());
            let pair = pair.map_err(|_| KeyError::Inconsistent)?;
            Ok(Material::Ed25519(Box::new(pair)))
        }
    }
}
