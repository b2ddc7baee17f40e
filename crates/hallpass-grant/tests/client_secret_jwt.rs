//! A client that proves who it is with an assertion which its secret signs (OpenID Connect Core §9), and nobody else is asked.

mod common;
#[path = "common/signer.rs"]
mod signer;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::TokenSet;
use hallpass_grant::{
    Assertion, Client, ClientAuthentication, Conversation, Input, JwtBearer, Lost, MacAlgorithm,
    MacKey, Misuse, Request, Step,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};

use common::*;
use signer::{dpop_key, sign};

const SECRET: &str = "a client secret, with 64 letters in it and with some more: é%+:";

fn client_with(algorithm: MacAlgorithm) -> Client {
    let key = MacKey::new(algorithm, SECRET).unwrap();
    client_of(server_with_issuer()).with_authentication(ClientAuthentication::SecretJwt(key))
}

fn field(request: &Request, name: &str) -> String {
    let mut pairs = pairs(body(request)).into_iter();
    pairs.find(|(own, _)| own == name).unwrap().1
}

/// Verifies with the secret (RFC 7515 §5.2), and reads header and claims.
fn verified<M: Mac + KeyInit>(jws: &str) -> (Value, Value) {
    let (input, signature) = jws.rsplit_once('.').unwrap();
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let mac = <M as KeyInit>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.chain_update(input).verify_slice(&signature).unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read =
        |part| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    (read(header), read(claims))
}

#[test]
fn the_secret_signs_and_no_signer_is_asked() {
    let request = request_of(&mut exchange_of(&client_with(MacAlgorithm::Hs256)));
    let (header, claims) = verified::<Hmac<Sha256>>(&field(&request, "client_assertion"));
    assert_eq!(header, serde_json::json!({"alg": "HS256"}));
    assert_eq!(claims["iss"], "cid");
    assert_eq!(claims["sub"], "cid");
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["iat"], NOW.unix_timestamp());
    assert_eq!(claims["exp"], NOW.unix_timestamp() + 60);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 43);
}

#[test]
fn longer_hashes_sign_as_well() {
    let assertion = |algorithm| {
        let request = request_of(&mut exchange_of(&client_with(algorithm)));
        field(&request, "client_assertion")
    };
    let (header, _) = verified::<Hmac<Sha384>>(&assertion(MacAlgorithm::Hs384));
    assert_eq!(header["alg"], "HS384");
    let (header, _) = verified::<Hmac<Sha512>>(&assertion(MacAlgorithm::Hs512));
    assert_eq!(header["alg"], "HS512");
}

#[test]
fn the_form_has_the_assertion_and_the_secret_nowhere() {
    let request = request_of(&mut exchange_of(&client_with(MacAlgorithm::Hs256)));
    assert_eq!(request.header("authorization"), None);
    let pairs = pairs(body(&request));
    let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_assertion_type",
        "client_assertion",
    ];
    assert_eq!(names, expected);
    assert!(pairs.iter().all(|(_, value)| !value.contains(SECRET)));
}

#[test]
fn every_attempt_has_a_jti_of_its_own() {
    let mut call = exchange_of(&client_with(MacAlgorithm::Hs256));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let request = request_of(&mut call);
        let (_, claims) = verified::<Hmac<Sha256>>(&field(&request, "client_assertion"));
        seen.push(claims["jti"].to_string());
        call.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[test]
fn beside_a_bound_key_only_the_proof_is_signed_elsewhere() {
    let client = client_with(MacAlgorithm::Hs256)
        .with_dpop(dpop_key())
        .unwrap();
    let mut call = exchange_of(&client);
    let Step::<TokenSet>::Sign(input) = call.step(Input::Begin, NOW).unwrap() else {
        panic!("the proof is to be signed");
    };
    assert_eq!(input.key(), dpop_key().name());
    let request = sent(call.step(Input::Signature(sign(&input)), NOW).unwrap());
    assert!(request.header("dpop").is_some());
    verified::<Hmac<Sha256>>(&field(&request, "client_assertion"));
}

#[test]
fn a_grants_assertion_can_be_signed_by_a_secret_too() {
    let key = MacKey::new(MacAlgorithm::Hs256, SECRET).unwrap();
    let grant = JwtBearer::Own(Assertion::new(key, "robot"));
    let client = client_of(server_with_issuer());
    let call = client.jwt_bearer(grant, &scopes(""), &mut draws(SEED));
    let request = request_of(&mut call.unwrap());
    let (_, claims) = verified::<Hmac<Sha256>>(&field(&request, "assertion"));
    assert_eq!(claims["iss"], "robot");
}

#[test]
fn a_secret_that_is_too_short_is_told_when_it_is_given() {
    let error = MacKey::new(MacAlgorithm::Hs512, "canary").unwrap_err();
    assert!(matches!(misuse(&error), Misuse::Invalid { .. }));
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn a_secret_that_the_server_repeats_is_not_shown() {
    let mut call = exchange_of(&client_with(MacAlgorithm::Hs256));
    let _request = request_of(&mut call);
    let body = format!(r#"{{"error":"invalid_client","error_description":"not {SECRET}"}}"#);
    let error = call
        .step(Input::Response(json(401, &body)), NOW)
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    let shown = format!("{:?} {call:?}", client_with(MacAlgorithm::Hs256));
    assert!(!shown.contains("secret, with"), "{shown}");
}
