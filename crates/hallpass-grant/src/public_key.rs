//! A public key as JWK (RFC 7517), as far as a proof has to show one.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use sha2::{Digest, Sha256};

use hallpass_token::{Json, Members};

use crate::{Error, Misuse, SigningAlgorithm};

/// A public key: what anybody may know of a signing key.
///
/// It holds the required members alone, in the order of RFC 7638 §3, so that what is hashed is what is sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct PublicKey(Members);

impl PublicKey {
    /// Reads the members of a JWK.
    pub(crate) fn parse(jwk: &str) -> Result<Members, Error> {
        Members::read(jwk.as_bytes())
            .map_err(|error| invalid("it is not a JSON object").with_source(error))
    }

    /// Takes a JWK that is one for this algorithm. Members that are not required are left out.
    pub(crate) fn from_jwk(members: &Members, algorithm: SigningAlgorithm) -> Result<Self, Error> {
        if PRIVATE
            .into_iter()
            .any(|name| members.value(name).is_some())
        {
            return Err(invalid(
                "it has the private key in it, which belongs to the signer alone",
            ));
        }
        let (kty, curve, required): (_, _, &[&str]) = match algorithm {
            SigningAlgorithm::Es256 => ("EC", Some("P-256"), &["crv", "kty", "x", "y"]),
            SigningAlgorithm::Es384 => ("EC", Some("P-384"), &["crv", "kty", "x", "y"]),
            SigningAlgorithm::Es512 => ("EC", Some("P-521"), &["crv", "kty", "x", "y"]),
            SigningAlgorithm::EdDsa => ("OKP", Some("Ed25519"), &["crv", "kty", "x"]),
            SigningAlgorithm::Rs256
            | SigningAlgorithm::Rs384
            | SigningAlgorithm::Rs512
            | SigningAlgorithm::Ps256
            | SigningAlgorithm::Ps384
            | SigningAlgorithm::Ps512 => ("RSA", None, &["e", "kty", "n"]),
        };
        let text = |name| members.value(name).and_then(Json::as_str);
        if text("kty") != Some(kty) || curve.is_some_and(|curve| text("crv") != Some(curve)) {
            return Err(invalid(
                "its type or curve is not one of the key's algorithm",
            ));
        }
        let mut canonical = Members::default();
        for name in required {
            let value = text(name).filter(|value| is_base64url_or_name(value));
            let value =
                value.ok_or_else(|| invalid("a required member is missing or not base64url"))?;
            canonical.insert(*name, Json::String(value.to_owned()));
        }
        Ok(Self(canonical))
    }

    /// Its SHA-256 thumbprint (RFC 7638 §3).
    pub(crate) fn thumbprint(&self) -> String {
        let canonical = serde_json::to_string(&self.0).unwrap_or_default();
        Base64UrlUnpadded::encode_string(&Sha256::digest(canonical))
    }
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4.1.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn invalid(reason: &'static str) -> Error {
    Misuse::Invalid {
        field: "public JWK",
        reason,
    }
    .into()
}

fn is_base64url_or_name(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !value.is_empty() && value.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_7638_section_3_1() {
        let jwk = include_str!("../tests/vectors/rfc7638-section-3.1.json");
        let key =
            PublicKey::from_jwk(&PublicKey::parse(jwk).unwrap(), SigningAlgorithm::Rs256).unwrap();
        assert_eq!(
            key.thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn a_private_key_and_one_of_another_kind_are_refused() {
        for jwk in [
            r#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"secret"}"#,
            r#"{"kty":"EC","crv":"P-384","x":"a","y":"b"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"a"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"a"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"a","y":"\"}"}"#,
            "[]",
        ] {
            let read = PublicKey::parse(jwk);
            let read = read.and_then(|jwk| PublicKey::from_jwk(&jwk, SigningAlgorithm::Es256));
            let error = read.unwrap_err();
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    }
}
