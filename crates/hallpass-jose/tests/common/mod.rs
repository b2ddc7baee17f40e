//! Keys that several tests use.
#![allow(dead_code, reason = "each test file uses some of them")]

use hallpass_jose::{Json, Members, PrivateJwk, SymmetricKey};

/// The key of an example of the RFCs.
fn example(section: &str) -> Members {
    let json = include_str!("../vectors/jws.json");
    let wrapped = Members::read(format!(r#"{{"list":{json}}}"#).as_bytes()).unwrap();
    let list = wrapped.value("list").and_then(Json::as_array).unwrap();
    let found = list
        .iter()
        .filter_map(Json::as_object)
        .find(|one| one.value("from").and_then(Json::as_str) == Some(section));
    let key = found.unwrap().value("key").and_then(Json::as_object);
    key.unwrap().clone()
}

/// An RSA key of 2048 bits, for anything.
pub(crate) fn rsa() -> PrivateJwk {
    PrivateJwk::from_members(&rsa_members()).unwrap()
}

/// The members of that key.
pub(crate) fn rsa_members() -> Members {
    let mut key = example("RFC 7515 A.2");
    key.remove("alg");
    key
}

/// A key on P-256.
pub(crate) fn es256() -> PrivateJwk {
    PrivateJwk::from_members(&example("RFC 7515 A.3")).unwrap()
}

/// A key on P-521.
pub(crate) fn es512() -> PrivateJwk {
    PrivateJwk::from_members(&example("RFC 7515 A.4")).unwrap()
}

/// A key for Ed25519.
pub(crate) fn ed25519() -> PrivateJwk {
    PrivateJwk::from_members(&example("RFC 8037 A.4")).unwrap()
}

/// A shared secret of 64 bytes.
pub(crate) fn hs256() -> SymmetricKey {
    SymmetricKey::new(*b"canary-0123456789abcdef0123456789abcdef0123456789abcdef012345678")
}

/// base64url, as a token has it.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..=chunk.len() {
            let letter = bits >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[letter as usize]));
        }
    }
    text
}
