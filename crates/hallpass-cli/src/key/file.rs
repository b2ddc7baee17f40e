//! A private key from a file: PEM (PKCS#8, and PKCS#1 for RSA), or JWK.

use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::{SigningAlgorithm, SigningKeyName};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::{Pair, SigningKey, p256};
use crate::error::Failure;
use crate::secret;

impl SigningKey {
    /// The key in this file. `id` is what the server calls it, where the file does not say.
    pub(crate) fn read(path: &Path, id: Option<&str>) -> Result<Self, Failure> {
        let text = secret::file(path)?;
        let (pair, own) = match text.trim_start().starts_with('{') {
            true => of_jwk(&text),
            false => (of_pem(&text), None),
        };
        let wrong = || {
            Failure::usage(format!("{} is no private key that can be used here", path.display())).next(
                "give a key on P-256, Ed25519 or of RSA with 2,048 bits or more, as PEM (`openssl pkcs8 -topk8 -nocrypt` makes PKCS#8 of others) or as JWK",
            )
        };
        let pair = pair.ok_or_else(wrong)?;
        let id = id.or(own.as_deref()).unwrap_or_default();
        let algorithm = match &pair {
            Pair::P256(_) => SigningAlgorithm::Es256,
            Pair::Rsa(_) => SigningAlgorithm::Rs256,
            Pair::Ed25519(_) => SigningAlgorithm::EdDsa,
        };
        Ok(Self {
            name: SigningKeyName::new(algorithm, id),
            pair,
        })
    }
}

fn of_pem(text: &str) -> Option<Pair> {
    match PrivateKeyDer::from_pem_slice(text.as_bytes()).ok()? {
        PrivateKeyDer::Pkcs8(der) => {
            let der = der.secret_pkcs8_der();
            let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok();
            let rsa = || RsaKeyPair::from_pkcs8(der).ok();
            p256(der)
                .map(Pair::P256)
                .or_else(|| ed25519().map(Pair::Ed25519))
                .or_else(|| rsa().map(Pair::Rsa))
        }
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der())
            .ok()
            .map(Pair::Rsa),
        _ => None,
    }
}

/// RFC 7518 §6.2, RFC 8037 §2.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: Option<String>,
    kid: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<String>,
}

fn of_jwk(text: &str) -> (Option<Pair>, Option<String>) {
    // What the parser says of a wrong value would quote it.
    let Ok(jwk) = serde_json::from_str::<Jwk>(text) else {
        return (None, None);
    };
    (pair(&jwk), jwk.kid)
}

fn pair(jwk: &Jwk) -> Option<Pair> {
    let bytes = |text: &Option<String>| Base64UrlUnpadded::decode_vec(text.as_deref()?).ok();
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("EC", Some("P-256")) => {
            let point = [vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat();
            let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
            EcdsaKeyPair::from_private_key_and_public_key(
                algorithm,
                &bytes(&jwk.d)?,
                &point,
                &random,
            )
            .ok()
            .map(Pair::P256)
        }
        ("OKP", Some("Ed25519")) => {
            Ed25519KeyPair::from_seed_and_public_key(&bytes(&jwk.d)?, &bytes(&jwk.x)?)
                .ok()
                .map(Pair::Ed25519)
        }
        _ => None,
    }
}
