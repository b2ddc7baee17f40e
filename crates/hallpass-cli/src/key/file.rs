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

#[cfg(test)]
mod tests {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    };

    use super::*;

    fn read(text: &str) -> Result<SigningKey, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, text).unwrap();
        SigningKey::read(&path, None).map_err(|failure| failure.to_string())
    }

    fn verifies(key: &SigningKey) -> bool {
        let (algorithm, public): (&'static dyn VerificationAlgorithm, &[u8]) = match &key.pair {
            Pair::P256(pair) => (&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()),
            Pair::Rsa(pair) => (&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref()),
            Pair::Ed25519(pair) => (&ED25519, pair.public_key().as_ref()),
        };
        let signature = key.sign(b"header.claims").unwrap();
        let public = UnparsedPublicKey::new(algorithm, public);
        public.verify(b"header.claims", &signature).is_ok()
    }

    #[test]
    fn every_kind_of_key_signs_by_its_algorithm() {
        for (text, algorithm) in [
            (include_str!("examples/p256.pem"), SigningAlgorithm::Es256),
            (
                include_str!("examples/ed25519.pem"),
                SigningAlgorithm::EdDsa,
            ),
            (
                include_str!("examples/rsa.pkcs8.pem"),
                SigningAlgorithm::Rs256,
            ),
            (
                include_str!("examples/rsa.pkcs1.pem"),
                SigningAlgorithm::Rs256,
            ),
            // RFC 7515 appendix A.3, RFC 8037 appendix A.
            (
                r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
                SigningAlgorithm::Es256,
            ),
            (
                r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
                SigningAlgorithm::EdDsa,
            ),
        ] {
            let key = read(text).unwrap();
            assert_eq!(key.name().algorithm(), algorithm);
            assert!(verifies(&key), "{algorithm:?}");
        }
    }

    #[test]
    fn a_jwk_says_what_the_server_calls_it() {
        let jwk = r#"{"kid":"2026","kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        assert_eq!(read(jwk).unwrap().name().id(), "2026");
    }

    #[test]
    fn what_cannot_sign_is_told_with_what_to_do_and_without_the_key() {
        for text in [
            "",
            "canary",
            "{\"canary\":1}",
            include_str!("examples/p256.sec1.pem"),
            r#"{"kty":"oct","k":"canary"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"canary"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
        ] {
            let told = read(text).err().expect(text);
            assert!(
                told.contains("openssl pkcs8") && !told.contains("canary"),
                "{told}"
            );
        }
    }
}
