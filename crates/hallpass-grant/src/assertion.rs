//! The client assertion of RFC 7523 §3, as this library writes it. Nothing here reads a JWT.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use time::UtcDateTime;

use hallpass_token::Secret;

use crate::SigningKeyName;

/// `client_assertion_type` (RFC 7523 §2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion may be used: long enough for a slow network, short enough that a stolen one is worthless.
const LIFETIME_SECONDS: i64 = 60;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

/// The JWS signing input of an assertion.
pub(crate) fn signing_input(
    key: &SigningKeyName,
    client_id: &str,
    audience: &str,
    jti: &Secret,
    now: UtcDateTime,
) -> String {
    let iat = now.unix_timestamp();
    let header = Header {
        alg: key.algorithm().name(),
        kid: key.id(),
    };
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: audience,
        jti: jti.expose_secret(),
        iat,
        exp: iat.saturating_add(LIFETIME_SECONDS),
    };
    format!("{}.{}", part(&header), part(&claims))
}

/// The assertion: its signing input with the signature behind it.
pub(crate) fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!(
        "{signing_input}.{}",
        Base64UrlUnpadded::encode_string(signature)
    )
}

/// These structures hold nothing that serde_json cannot write.
fn part(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    Base64UrlUnpadded::encode_string(&json)
}
