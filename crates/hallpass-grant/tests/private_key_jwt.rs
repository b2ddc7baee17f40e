//! A client that proves who it is with a signed assertion (RFC 7523 §2.2), the key outside of the library.

mod common;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::TokenSet;
use hallpass_grant::{
    Call, Client, ClientAuthentication, Conversation, Input, Lost, Misuse, Request, ServerMetadata,
    Signature, SigningInput, Step, TokenAnswer,
};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature as P256Signature, SigningKey};
use serde_json::Value;

use common::*;

fn signing_key() -> SigningKey {
    SigningKey::from_slice(&[9; 32]).unwrap()
}

fn client_at(server: ServerMetadata) -> Client {
    client_of(server).with_authentication(ClientAuthentication::PrivateKeyJwt(key()))
}

fn signed(input: &SigningInput) -> P256Signature {
    signing_key().sign(input.bytes())
}

/// Begins, signs, and gives back what is sent.
fn attempt(call: &mut Call<TokenAnswer>) -> Request {
    let Step::<TokenSet>::Sign(input) = call.step(Input::Begin, NOW).unwrap() else {
        panic!("nothing to sign");
    };
    assert_eq!(*input.key(), key());
    let signature = Signature::new(signed(&input).to_bytes().to_vec());
    sent(call.step(Input::Signature(signature), NOW).unwrap())
}

fn assertion(request: &Request) -> String {
    let mut pairs = pairs(body(request)).into_iter();
    pairs
        .find(|(name, _)| name == "client_assertion")
        .unwrap()
        .1
}

/// Verifies the assertion with the public key, and reads its header and its claims.
fn verified(assertion: &str) -> (Value, Value) {
    let (input, signature) = assertion.rsplit_once('.').unwrap();
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let signature = P256Signature::from_slice(&signature).unwrap();
    signing_key()
        .verifying_key()
        .verify(input.as_bytes(), &signature)
        .unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read =
        |part| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    (read(header), read(claims))
}

#[test]
fn the_assertion_is_signed_and_names_the_client_the_server_and_one_minute() {
    let request = attempt(&mut exchange_of(&client_at(server_with_issuer())));
    let (header, claims) = verified(&assertion(&request));
    assert_eq!(header, serde_json::json!({"alg": "ES256", "kid": "key-1"}));
    assert_eq!(claims["iss"], "cid");
    assert_eq!(claims["sub"], "cid");
    assert_eq!(claims["aud"], ISSUER);
    assert_eq!(claims["iat"], NOW.unix_timestamp());
    assert_eq!(claims["exp"], NOW.unix_timestamp() + 60);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 43);
}

#[test]
fn the_form_carries_the_assertion_and_no_secret() {
    let request = attempt(&mut exchange_of(&client_at(server())));
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
    assert_eq!(
        pairs[5].1,
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
}

#[test]
fn without_an_issuer_the_token_endpoint_is_the_audience() {
    let request = attempt(&mut exchange_of(&client_at(server())));
    let (_, claims) = verified(&assertion(&request));
    assert_eq!(claims["aud"], "https://as.example/oauth/token");
}

#[test]
fn every_attempt_has_a_jti_of_its_own() {
    let mut call = exchange_of(&client_at(server()));
    let mut seen = Vec::new();
    for _ in 0..5 {
        let request = attempt(&mut call);
        seen.push(
            verified(&assertion(&request)).1["jti"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        assert!(call.step(Input::Lost(Lost::NotSent), NOW).is_err());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert!(!seen.contains(&STATE.to_owned()) && !seen.contains(&VERIFIER.to_owned()));
}

#[test]
fn a_der_signature_is_refused_and_the_raw_one_still_taken() {
    let mut call = exchange_of(&client_at(server()));
    let Step::Sign(input) = call.step(Input::Begin, NOW).unwrap() else {
        panic!("nothing to sign");
    };
    let signature = signed(&input);
    let der = Signature::new(signature.to_der().as_bytes().to_vec());
    let error = call.step(Input::Signature(der), NOW).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::SignatureForm);
    let raw = Signature::new(signature.to_bytes().to_vec());
    let request = sent(call.step(Input::Signature(raw), NOW).unwrap());
    verified(&assertion(&request));
}

#[test]
fn an_assertion_for_the_token_endpoint_is_shown_to_no_other_origin() {
    let elsewhere = endpoint("https://evil.example/revoke");
    let server = server_with_issuer().with_revocation_endpoint(elsewhere);
    let mut profile = hallpass_grant::Profile::STRICT;
    profile.assertion_audience = hallpass_grant::AssertionAudience::TokenEndpoint;
    let client = client_at(server).with_profile(profile);
    let token = hallpass_grant::token::AccessToken::new("t").unwrap();
    let mut call = client.revoke(&token, &mut draws(SEED)).unwrap();
    let Step::Sign(input) = call.step(Input::Begin, NOW).unwrap() else {
        panic!("an assertion is signed first")
    };
    let text = str::from_utf8(input.bytes()).unwrap();
    let claims = text.split('.').nth(1).unwrap();
    let claims = base64ct::Base64UrlUnpadded::decode_vec(claims).unwrap();
    let claims = String::from_utf8(claims).unwrap();
    assert!(claims.contains(&format!(r#""aud":"{ISSUER}""#)), "{claims}");
}
