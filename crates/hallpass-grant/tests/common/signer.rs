//! A signer with two keys, and a judge of JWSs that shares nothing with the library but the alphabet of base64url.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a program of its own and uses its part"
)]

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::Secret;
use hallpass_grant::{
    Conversation, DpopKey, Error, Input, Request, Signature, SigningAlgorithm, SigningInput,
    SigningKeyName, Step,
};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature as P256Signature, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

pub const DPOP_KEY: &str = "dpop-1";

fn private(id: &str) -> SigningKey {
    let byte = if id == DPOP_KEY { 5 } else { 9 };
    SigningKey::from_slice(&[byte; 32]).unwrap()
}

pub fn dpop_name() -> SigningKeyName {
    SigningKeyName::new(SigningAlgorithm::Es256, DPOP_KEY)
}

pub fn dpop_key() -> DpopKey {
    DpopKey::new(dpop_name(), &public_jwk().to_string()).unwrap()
}

/// The public half of the DPoP key, with members that a proof does not need.
pub fn public_jwk() -> Value {
    let point = private(DPOP_KEY).verifying_key().to_sec1_point(false);
    let bytes = point.as_bytes();
    let text = |part: &[u8]| Base64UrlUnpadded::encode_string(part);
    json!({
        "use": "sig",
        "kid": DPOP_KEY,
        "kty": "EC",
        "crv": "P-256",
        "y": text(&bytes[33..]),
        "x": text(&bytes[1..33]),
    })
}

/// RFC 7638 §3 for a key on P-256, written out.
pub fn thumbprint(jwk: &Value) -> String {
    let (x, y) = (jwk["x"].as_str().unwrap(), jwk["y"].as_str().unwrap());
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Base64UrlUnpadded::encode_string(&Sha256::digest(canonical))
}

pub fn sign(input: &SigningInput) -> Signature {
    let signature: P256Signature = private(input.key().id()).sign(input.bytes());
    Signature::new(signature.to_bytes().to_vec())
}

/// Signs whatever is to be signed, until something else is to be done.
pub fn signed<C: Conversation>(
    conversation: &mut C,
    input: Input,
    now: UtcDateTime,
) -> Result<Step<C::Output>, Error> {
    let mut step = conversation.step(input, now)?;
    while let Step::Sign(input) = &step {
        step = conversation.step(Input::Signature(sign(input)), now)?;
    }
    Ok(step)
}

pub struct Jws {
    pub header: Value,
    pub claims: Value,
}

impl Jws {
    pub fn text(&self, claim: &str) -> &str {
        self.claims[claim].as_str().unwrap()
    }

    pub fn jti(&self) -> String {
        self.text("jti").to_owned()
    }
}

/// Verifies a JWS (RFC 7515 §5.2) and takes it apart.
fn verified(compact: &str, key: &VerifyingKey) -> Jws {
    let (input, signature) = compact.rsplit_once('.').unwrap();
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let signature = P256Signature::from_slice(&signature).unwrap();
    key.verify(input.as_bytes(), &signature).unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read =
        |part| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    Jws {
        header: read(header),
        claims: read(claims),
    }
}

/// Verifies a proof with the key that it shows (RFC 9449 §4.3), which must be the client's.
pub fn read_proof(compact: &str) -> Jws {
    let (header, _) = compact.split_once('.').unwrap();
    let header = Base64UrlUnpadded::decode_vec(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let coordinate = |name| {
        let text = header["jwk"][name].as_str().unwrap();
        Base64UrlUnpadded::decode_vec(text).unwrap()
    };
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
    assert_eq!(key, *private(DPOP_KEY).verifying_key());
    verified(compact, &key)
}

/// Verifies a JWS of the client's own key.
pub fn read_signed(compact: &str) -> Jws {
    verified(compact, private("key-1").verifying_key())
}

/// The proof that a request carries.
pub fn proof_of(request: &Request) -> Jws {
    let headers = request.headers().filter(|(name, _)| *name == "dpop");
    let proofs: Vec<_> = headers.collect();
    assert_eq!(proofs.len(), 1, "RFC 9449 section 4.3: one header");
    read_proof(proofs[0].1)
}

/// The assertion that proves the client (RFC 7523 §2.2).
pub fn assertion_of(request: &Request) -> Jws {
    let body = str::from_utf8(request.body().expose_secret()).unwrap();
    let mut fields = body.split('&');
    // A JWS has no character that a form would encode.
    let assertion = fields.find_map(|field| field.strip_prefix("client_assertion="));
    verified(assertion.unwrap(), private("key-1").verifying_key())
}

/// Carries out the making of a proof.
pub fn finished(proof: &mut impl Conversation<Output = Secret>, now: UtcDateTime) -> Secret {
    match signed(proof, Input::Begin, now).unwrap() {
        Step::Done(proof) => proof,
        _ => panic!("a proof is signed and done"),
    }
}
