//! The JWSs this library writes (RFC 7515): assertions and proofs. Nothing here reads one.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;

/// What is signed: header and claims, each encoded.
///
/// Both hold nothing that serde_json cannot write.
pub(crate) fn signing_input(header: &impl Serialize, claims: &impl Serialize) -> String {
    format!("{}.{}", part(header), part(claims))
}

/// The compact form: a signing input with its signature behind it.
pub(crate) fn compact(signing_input: &str, signature: &[u8]) -> String {
    let signature = Base64UrlUnpadded::encode_string(signature);
    format!("{signing_input}.{signature}")
}

fn part(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    Base64UrlUnpadded::encode_string(&json)
}
