//! Signatures of clients, verified (RFC 7515, RFC 7518 §3, RFC 7638): the compact serialization alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer, Verifier},
};
use ring::{
    hmac,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::Algorithm;

/// A JSON object: a header, or claims.
pub(crate) type Object = Map<String, Value>;

/// The public half of a key of a client's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PublicKey {
    /// As in the JWK, and read.
    P256 {
        x: String,
        y: String,
        key: VerifyingKey,
    },
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a JWK (RFC 7518 §6.2.1 and §6.3.1). One that holds its private half is refused: nobody but its owner may see
    /// that.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("d").is_some() {
            return None;
        }
        if text("kty") == Some("RSA") {
            let (n, e) = (decode(text("n")?)?, decode(text("e")?)?);
            return Some(Self::Rsa { n, e });
        }
        if text("kty") != Some("EC") || text("crv") != Some("P-256") {
            return None;
        }
        let (x, y) = (text("x")?, text("y")?);
        let (left, right) = (decode(x)?, decode(y)?);
        if left.len() != 32 || right.len() != 32 {
            return None;
        }
        let point = [&[4][..], &left, &right].concat();
        let key = VerifyingKey::from_sec1_bytes(&point).ok()?;
        let (x, y) = (x.to_owned(), y.to_owned());
        Some(Self::P256 { x, y, key })
    }

    pub(crate) fn is_p256(&self) -> bool {
        matches!(self, Self::P256 { .. })
    }

    /// The base64url of the key's SHA-256 (RFC 7638 §3).
    pub(crate) fn thumbprint(&self) -> String {
        let members = match self {
            Self::P256 { x, y, .. } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Rsa { n, e } => {
                let (n, e) = (encode(n), encode(e));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
        };
        encode(&Sha256::digest(members))
    }

    fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let parameters = match (self, algorithm) {
            (Self::P256 { key, .. }, Algorithm::Es256) => {
                let signature = Signature::from_slice(signature);
                return signature.is_ok_and(|signature| key.verify(signed, &signature).is_ok());
            }
            (Self::Rsa { .. }, Algorithm::Rs256) => &RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa { .. }, Algorithm::Ps256) => &RSA_PSS_2048_8192_SHA256,
            _ => return false,
        };
        let Self::Rsa { n, e } = self else {
            return false;
        };
        let key = RsaPublicKeyComponents { n, e };
        key.verify(parameters, signed, signature).is_ok()
    }
}

/// The header of a compact JWS, believed by nobody yet.
pub(crate) fn header(compact: &str) -> Option<Object> {
    object(compact.split('.').next()?)
}

/// The claims of a compact JWS, believed by nobody yet.
pub(crate) fn unverified_claims(compact: &str) -> Option<Object> {
    object(compact.split('.').nth(1)?)
}

/// The algorithm that a compact JWS says it is signed by.
pub(crate) fn algorithm(compact: &str) -> Option<Algorithm> {
    let header = header(compact)?;
    Algorithm::named(header.get("alg")?.as_str()?)
}

/// Header and claims, if this key has signed them. A header with `crit` is refused, since no extension is understood here
/// (RFC 7515 §4.1.11).
pub(crate) fn verify(compact: &str, key: &PublicKey) -> Option<(Object, Object)> {
    let (header, claims, signed, signature) = parts(compact)?;
    let algorithm = algorithm(compact)?;
    key.verifies(algorithm, signed.as_bytes(), &signature)
        .then_some((header, claims))
}

/// The claims of a JWS by HS256 with this secret.
pub(crate) fn verify_hmac(compact: &str, secret: &str) -> Option<Object> {
    let (_, claims, signed, signature) = parts(compact)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let is_good = hmac::verify(&key, signed.as_bytes(), &signature).is_ok();
    (algorithm(compact) == Some(Algorithm::Hs256) && is_good).then_some(claims)
}

/// The claims of a JWS that is not signed, and says so.
pub(crate) fn read_unsigned(compact: &str) -> Option<Object> {
    let (_, claims, _, signature) = parts(compact)?;
    let is_unsigned = algorithm(compact) == Some(Algorithm::None) && signature.is_empty();
    is_unsigned.then_some(claims)
}

/// Header, claims, what is signed, and the signature.
fn parts(compact: &str) -> Option<(Object, Object, &str, Vec<u8>)> {
    let (signed, signature) = compact.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let (header, claims) = (object(header)?, object(claims)?);
    let has_extension = header.contains_key("crit");
    let signature = decode(signature)?;
    (!has_extension).then_some((header, claims, signed, signature))
}

/// Signs claims by ES256 with a private JWK. The same claims give the same signature (RFC 6979).
pub(crate) fn sign(claims: &Value, jwk: &str) -> Option<String> {
    let jwk: Value = serde_json::from_str(jwk).ok()?;
    let secret = decode(jwk.get("d")?.as_str()?)?;
    let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let header = r#"{"alg":"ES256","typ":"JWT"}"#;
    let signed = format!("{}.{}", part(header), part(&claims.to_string()));
    let signature: Signature = SigningKey::from_slice(&secret)
        .ok()?
        .sign(signed.as_bytes());
    let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
    Some(format!("{signed}.{signature}"))
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn object(part: &str) -> Option<Object> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// Without padding, and only as an encoder writes it.
fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.3.
    const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const EXAMPLE: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn key() -> PublicKey {
        PublicKey::from_jwk(&serde_json::from_str(KEY).unwrap()).unwrap()
    }

    fn sign(header: &str) -> String {
        let secret = decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI").unwrap();
        let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        let signed = format!("{}.{}", part(header), part("{}"));
        let signature: Signature = SigningKey::from_slice(&secret)
            .unwrap()
            .sign(signed.as_bytes());
        let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
        format!("{signed}.{signature}")
    }

    #[test]
    fn the_example_of_rfc_7515_is_read() {
        let (header, claims) = verify(EXAMPLE, &key()).unwrap();
        assert_eq!(
            (&header["alg"], &claims["iss"]),
            (&"ES256".into(), &"joe".into())
        );
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        for (old, new) in [
            ("eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJub25lIn0"),
            ("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJKb2Ui"),
            ("NU1Q", "NU1A"),
            // The same bytes, written with bits that mean nothing.
            ("NU1Q", "NU1R"),
            ("NU1Q", "NU1Q=="),
            ("NU1Q", "NU1Q."),
            (".DtEh", "."),
        ] {
            assert_eq!(
                verify(&EXAMPLE.replace(old, new), &key()),
                None,
                "{old} {new}"
            );
        }
    }

    #[test]
    fn only_es256_without_extensions_is_understood() {
        assert!(verify(&sign(r#"{"alg":"ES256","typ":"JWT"}"#), &key()).is_some());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            "{}",
            r#"{"alg":"ES256","crit":["b64"]}"#,
            "[]",
        ] {
            assert_eq!(verify(&sign(header), &key()), None, "{header}");
        }
    }

    #[test]
    fn a_jwk_is_a_public_p256_key_on_the_curve() {
        for (old, new) in [
            ("\"EC\"", "\"OKP\""),
            ("P-256", "P-384"),
            ("f83O", "g83O"),
            ("f83O", "AAf83O"),
            ("\"x\"", "\"d\":\"AA\",\"x\""),
            ("\"y\"", "\"z\""),
        ] {
            let jwk = serde_json::from_str(&KEY.replace(old, new)).unwrap();
            assert_eq!(PublicKey::from_jwk(&jwk), None, "{new}");
        }
    }

    #[test]
    fn a_thumbprint_is_of_the_required_members_in_order() {
        let mut more: Value = serde_json::from_str(KEY).unwrap();
        more["kid"] = "a".into();
        let more = PublicKey::from_jwk(&more).unwrap();
        assert_eq!(more.thumbprint(), key().thumbprint());
        assert_eq!(
            key().thumbprint(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
        );
    }
}
