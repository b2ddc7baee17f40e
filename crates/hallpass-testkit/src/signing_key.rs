//! The keys the server signs with. Those of RSA are kept in this crate, since making one is slow; everybody knows them.

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{Signature, signature::Signer};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair},
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256},
};
use serde_json::{Map, Value, json};

use crate::{Algorithm, random::Random};

/// How many keys of RSA the server uses in turn.
const RSA_KEYS: usize = 3;

/// A private key with its name.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    secret: Secret,
}

#[derive(Clone)]
enum Secret {
    /// Which of those that are kept.
    Rsa(usize),
    P256([u8; 32]),
    Ed25519([u8; 32]),
}

impl SigningKey {
    /// The keys of one generation: of RSA, of P-256 and of Ed25519.
    pub(crate) fn generation(random: &Random, at: usize) -> [Self; 3] {
        let key = |family: &str, secret| Self {
            kid: format!("{family}-{at}"),
            secret,
        };
        [
            key("rsa", Secret::Rsa(at % RSA_KEYS)),
            key(
                "p256",
                Secret::P256(random.derived_bytes(&format!("p256 {at}"))),
            ),
            key(
                "ed25519",
                Secret::Ed25519(random.derived_bytes(&format!("ed25519 {at}"))),
            ),
        ]
    }

    /// Keys that the server never publishes, under the names of its own.
    pub(crate) fn foreign(own: &Self) -> Self {
        let secret = match own.secret {
            Secret::Rsa(_) => Secret::Rsa(RSA_KEYS),
            Secret::P256(_) => Secret::P256([7; 32]),
            Secret::Ed25519(_) => Secret::Ed25519([7; 32]),
        };
        let kid = own.kid.clone();
        Self { kid, secret }
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 => {
                matches!(self.secret, Secret::Rsa(_))
            }
            Algorithm::Es256 => matches!(self.secret, Secret::P256(_)),
            Algorithm::EdDsa => matches!(self.secret, Secret::Ed25519(_)),
            Algorithm::Hs256 | Algorithm::None => false,
        }
    }

    /// The public half as a JWK (RFC 7517). Without `alg`, since a key of RSA is used with several.
    pub(crate) fn public_jwk(&self) -> Map<String, Value> {
        let text = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
        let members = match &self.secret {
            Secret::Rsa(at) => {
                let public = rsa_public(*at);
                json!({ "kty": "RSA", "n": text(&public.n), "e": text(&public.e) })
            }
            Secret::P256(secret) => {
                let point = p256_key(secret).verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes().get(1..).unwrap_or_default().split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Secret::Ed25519(seed) => {
                let key = ed25519_key(seed);
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(key.public_key().as_ref()) })
            }
        };
        let mut jwk = match members {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        jwk.insert("use".to_owned(), "sig".into());
        jwk.insert("kid".to_owned(), self.kid.as_str().into());
        jwk
    }

    /// The private half of a P-256 or Ed25519 key: what must never be published.
    pub(crate) fn private_member(&self) -> Option<String> {
        match &self.secret {
            Secret::Rsa(_) => None,
            Secret::P256(secret) | Secret::Ed25519(secret) => {
                Some(Base64UrlUnpadded::encode_string(secret))
            }
        }
    }

    /// The public half as DER: an RSAPublicKey in a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Of RSA alone.
    pub(crate) fn public_der(&self) -> Option<Vec<u8>> {
        let Secret::Rsa(at) = self.secret else {
            return None;
        };
        let key = rsa_key(at).public().as_ref().to_vec();
        // AlgorithmIdentifier { rsaEncryption, NULL }.
        let identifier = [
            0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
            0x00,
        ];
        let bits = der(0x03, &[&[0][..], &key].concat());
        Some(der(0x30, &[&identifier[..], &bits].concat()))
    }

    /// The signature of a text by an algorithm that fits the key; nothing by one that does not.
    pub(crate) fn sign(&self, algorithm: Algorithm, text: &str) -> Vec<u8> {
        match (&self.secret, algorithm) {
            (Secret::Rsa(at), Algorithm::Rs384) => rsa_sign(*at, &RSA_PKCS1_SHA384, text),
            (Secret::Rsa(at), Algorithm::Rs512) => rsa_sign(*at, &RSA_PKCS1_SHA512, text),
            (Secret::Rsa(at), Algorithm::Ps256) => rsa_sign(*at, &RSA_PSS_SHA256, text),
            (Secret::Rsa(at), _) => rsa_sign(*at, &RSA_PKCS1_SHA256, text),
            (Secret::P256(secret), _) => {
                let signature: Signature = p256_key(secret).sign(text.as_bytes());
                signature.to_bytes().to_vec()
            }
            (Secret::Ed25519(seed), _) => ed25519_key(seed).sign(text.as_bytes()).as_ref().to_vec(),
        }
    }

    /// The same signature of a P-256 key as ASN.1, which a JWS must not have (RFC 7518 §3.4).
    pub(crate) fn sign_as_der(&self, text: &str) -> Option<Vec<u8>> {
        let Secret::P256(secret) = &self.secret else {
            return None;
        };
        let signature: Signature = p256_key(secret).sign(text.as_bytes());
        Some(signature.to_der().as_bytes().to_vec())
    }
}

/// HMAC with SHA-256 (RFC 7518 §3.2).
pub(crate) fn hmac_sign(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn rsa_key(at: usize) -> &'static RsaKeyPair {
    static KEYS: OnceLock<[RsaKeyPair; RSA_KEYS + 1]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let kept: [&[u8]; RSA_KEYS + 1] = [
            include_bytes!("keys/rsa-1.pk8"),
            include_bytes!("keys/rsa-2.pk8"),
            include_bytes!("keys/rsa-3.pk8"),
            include_bytes!("keys/rsa-4.pk8"),
        ];
        kept.map(|key| RsaKeyPair::from_pkcs8(key).expect("the keys of this crate are keys"))
    });
    &keys[at]
}

fn rsa_public(at: usize) -> PublicKeyComponents<Vec<u8>> {
    PublicKeyComponents::from(rsa_key(at).public())
}

fn rsa_sign(at: usize, encoding: &'static dyn RsaEncoding, text: &str) -> Vec<u8> {
    let key = rsa_key(at);
    let mut signature = vec![0; key.public().modulus_len()];
    // Nothing but a machine without randomness fails; then there is no signature to find.
    let _ = key.sign(
        encoding,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    );
    signature
}

/// Kept once it was made, since that takes longer than anything else here.
fn p256_key(secret: &[u8; 32]) -> p256::ecdsa::SigningKey {
    static KEYS: Mutex<BTreeMap<[u8; 32], p256::ecdsa::SigningKey>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    // Only zero and what is beyond the curve's order are none, which no hash has been seen to be.
    let make = || p256::ecdsa::SigningKey::from_slice(secret).expect("a hash is a key");
    keys.entry(*secret).or_insert_with(make).clone()
}

fn ed25519_key(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed")
}

/// One value of DER (X.690 §8.1) of up to 64 KiB.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    let head = match (high, low) {
        (0, low) if low < 0x80 => vec![tag, low],
        (0, low) => vec![tag, 0x81, low],
        (high, low) => vec![tag, 0x82, high, low],
    };
    [head, content.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use ring::signature::{
        ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    };

    use super::*;

    fn keys() -> [SigningKey; 3] {
        SigningKey::generation(&Random::new(0, "a"), 0)
    }

    #[test]
    fn what_is_signed_can_be_verified() {
        let [rsa, p256, ed25519] = keys();
        let public = rsa_public(0);
        let verify = |parameters, algorithm| {
            let signature = rsa.sign(algorithm, "text");
            public.verify(parameters, b"text", &signature)
        };
        assert!(verify(&RSA_PKCS1_2048_8192_SHA256, Algorithm::Rs256).is_ok());
        assert!(verify(&RSA_PSS_2048_8192_SHA256, Algorithm::Ps256).is_ok());
        assert!(verify(&RSA_PKCS1_2048_8192_SHA256, Algorithm::Rs512).is_err());
        let jwk = Value::Object(p256.public_jwk());
        assert!(crate::jws::PublicKey::from_jwk(&jwk).is_some(), "{jwk}");
        let jwk = ed25519.public_jwk();
        let x = Base64UrlUnpadded::decode_vec(jwk["x"].as_str().unwrap()).unwrap();
        let signature = ed25519.sign(Algorithm::EdDsa, "text");
        assert!(
            UnparsedPublicKey::new(&ED25519, x)
                .verify(b"text", &signature)
                .is_ok()
        );
    }

    #[test]
    fn the_der_of_a_key_is_what_openssl_writes_around_it() {
        let [rsa, p256, _] = keys();
        let der = rsa.public_der().unwrap();
        assert_eq!((der.len(), &der[..4]), (294, &[0x30, 0x82, 0x01, 0x22][..]));
        assert_eq!(p256.public_der(), None);
    }
}
