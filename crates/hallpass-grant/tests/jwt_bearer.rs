//! A token for an assertion (RFC 7523 §2.1), somebody else's or one's own.

mod common;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::{Lifetime, Scopes, TokenSet};
use hallpass_grant::{
    Assertion, AssertionAudience, Call, Client, ClientAuthentication, Conversation, ErrorKind,
    Input, JwtBearer, Lost, Misuse, NotSigned, Profile, Recovery, Request, Signature,
    SigningAlgorithm, SigningKeyName, Step, TokenAnswer,
};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature as P256Signature, SigningKey};
use serde_json::Value;

use common::*;

const FORM: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
const ANSWER: &str = r#"{"access_token":"T","token_type":"Bearer","expires_in":3600}"#;

fn robot_key() -> SigningKeyName {
    SigningKeyName::new(SigningAlgorithm::Es256, "robot-1")
}

/// Each key name has a key of its own.
fn signing_key(name: &SigningKeyName) -> SigningKey {
    let byte = if *name == robot_key() { 5 } else { 9 };
    SigningKey::from_slice(&[byte; 32]).unwrap()
}

fn assertion() -> Assertion {
    Assertion::new(robot_key(), "robot@project.example")
}

fn call_of(client: &Client, assertion: impl Into<JwtBearer>, scopes: &Scopes) -> Call<TokenAnswer> {
    let call = client.jwt_bearer(assertion.into(), scopes, &mut draws(SEED));
    call.unwrap()
}

fn own(client: &Client) -> Call<TokenAnswer> {
    call_of(client, assertion(), &Scopes::new())
}

fn given() -> JwtBearer {
    JwtBearer::Given("head.claims.sign+ature".into())
}

/// Begins, signs whatever is to be signed, and gives back what is sent.
fn attempt(call: &mut Call<TokenAnswer>) -> Request {
    let mut step: Step<TokenSet> = call.step(Input::Begin, NOW).unwrap();
    loop {
        let input = match step {
            Step::Sign(input) => input,
            other => return sent(other),
        };
        let signature: P256Signature = signing_key(input.key()).sign(input.bytes());
        let signature = Signature::new(signature.to_bytes().to_vec());
        step = call.step(Input::Signature(signature), NOW).unwrap();
    }
}

fn field(request: &Request, name: &str) -> Option<String> {
    let mut pairs = pairs(body(request)).into_iter();
    pairs.find(|(own, _)| own == name).map(|(_, value)| value)
}

/// Verifies a JWS with the public key of this name, and reads its header and its claims.
fn verified(jws: &str, key: &SigningKeyName) -> (Value, Value) {
    let (input, signature) = jws.rsplit_once('.').unwrap();
    let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
    let signature = P256Signature::from_slice(&signature).unwrap();
    let key = signing_key(key);
    key.verifying_key()
        .verify(input.as_bytes(), &signature)
        .unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read =
        |part| serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    (read(header), read(claims))
}

fn claims(request: &Request) -> Value {
    verified(&field(request, "assertion").unwrap(), &robot_key()).1
}

#[test]
fn anothers_assertion_is_sent_as_it_was_given() {
    let mut call = call_of(&client(), given(), &scopes("read write"));
    assert_eq!(
        body(&request_of(&mut call)),
        format!("{FORM}&scope=read+write&assertion=head.claims.sign%2Bature&client_id=cid")
    );
    let mut call = call_of(&client(), given(), &Scopes::new());
    assert_eq!(
        body(&request_of(&mut call)),
        format!("{FORM}&assertion=head.claims.sign%2Bature&client_id=cid")
    );
}

#[test]
fn ones_own_assertion_is_signed_and_has_every_claim_of_rfc_7523_section_3() {
    let request = attempt(&mut own(&client_of(server_with_issuer())));
    let jws = field(&request, "assertion").unwrap();
    let (header, mut claims) = verified(&jws, &robot_key());
    assert_eq!(
        header,
        serde_json::json!({"alg": "ES256", "kid": "robot-1"})
    );
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 43);
    let now = NOW.unix_timestamp();
    let expected = serde_json::json!({
        "iss": "robot@project.example",
        "sub": "robot@project.example",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
    });
    assert_eq!(claims, expected);
    assert_eq!(
        body(&request),
        format!("{FORM}&client_id=cid&assertion={jws}")
    );
}

#[test]
fn a_subject_and_claims_of_the_callers_are_signed_with_it() {
    let assertion = assertion()
        .with_subject("alice@example.com")
        .with_claim("scope", "mail.read mail.send")
        .unwrap();
    let call = &mut call_of(&client(), assertion, &Scopes::new());
    let claims = claims(&attempt(call));
    assert_eq!(claims["iss"], "robot@project.example");
    assert_eq!(claims["sub"], "alice@example.com");
    assert_eq!(claims["scope"], "mail.read mail.send");
}

#[test]
fn a_claim_that_the_library_sets_cannot_be_given() {
    for name in ["iss", "sub", "aud", "jti", "iat", "nbf", "exp"] {
        let error = assertion().with_claim(name, "x").unwrap_err();
        assert_eq!(*misuse(&error), Misuse::ReservedParameter(name));
    }
}

#[test]
fn the_audience_is_the_issuer_or_what_the_profile_or_the_caller_says() {
    let audience = |client: Client, assertion: Assertion| {
        let call = &mut call_of(&client, assertion, &Scopes::new());
        claims(&attempt(call))["aud"].clone()
    };
    let mut profile = Profile::STRICT;
    profile.assertion_audience = AssertionAudience::TokenEndpoint;
    let with_issuer = || client_of(server_with_issuer());
    let token_endpoint = "https://as.example/oauth/token";
    assert_eq!(audience(with_issuer(), assertion()), ISSUER);
    assert_eq!(audience(client(), assertion()), token_endpoint);
    assert_eq!(
        audience(with_issuer().with_profile(profile.clone()), assertion()),
        token_endpoint
    );
    let named = assertion().with_audience("https://login.example");
    assert_eq!(
        audience(with_issuer().with_profile(profile), named),
        "https://login.example"
    );
}

#[test]
fn every_attempt_has_a_jti_of_its_own() {
    let mut call = own(&client());
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(claims(&attempt(&mut call))["jti"].clone().to_string());
        let error = call.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Transport);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[test]
fn the_clients_assertion_and_the_grants_are_two() {
    let client = client().with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let request = attempt(&mut own(&client));
    let (_, of_client) = verified(&field(&request, "client_assertion").unwrap(), &key());
    let of_grant = claims(&request);
    assert_eq!(of_client["iss"], "cid");
    assert_eq!(of_grant["iss"], "robot@project.example");
    assert_ne!(of_client["jti"], of_grant["jti"]);
}

#[test]
fn a_public_client_that_asserts_as_itself_is_named_by_its_assertion_alone() {
    let of_itself = Assertion::new(robot_key(), "cid");
    let request = attempt(&mut call_of(&client(), of_itself, &Scopes::new()));
    assert_eq!(field(&request, "client_id"), None);
    assert_eq!(claims(&request)["iss"], "cid");
    let confidential = client().with_authentication(ClientAuthentication::Post("s".into()));
    let of_itself = Assertion::new(robot_key(), "cid");
    let request = attempt(&mut call_of(&confidential, of_itself, &Scopes::new()));
    assert_eq!(field(&request, "client_id").as_deref(), Some("cid"));
    assert_eq!(field(&request, "client_secret").as_deref(), Some("s"));
}

#[test]
fn the_answer_is_a_token_set() {
    let set = answered(
        call_of(&client(), given(), &scopes("read")),
        json(200, ANSWER),
    )
    .unwrap();
    assert_eq!(set.access_token.expose_secret(), "T");
    assert_eq!(
        set.expires_at,
        Some(Lifetime::from_seconds(3600).after(NOW))
    );
    assert_eq!(set.scopes, scopes("read"));
    assert_eq!(set.refresh_token, None);
}

#[test]
fn anothers_assertion_may_be_spent_when_its_answer_is_lost() {
    let call = call_of(&client(), given(), &Scopes::new());
    assert_eq!(lost_answer(call), ErrorKind::InDoubt);
}

#[test]
fn ones_own_assertion_is_signed_again_when_its_answer_is_lost() {
    let mut call = own(&client());
    let _request = attempt(&mut call);
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
}

#[test]
fn a_refused_assertion_is_an_ended_grant() {
    let answer = json(
        400,
        r#"{"error":"invalid_grant","error_description":"Audience validation failed"}"#,
    );
    let error = answered(call_of(&client(), given(), &Scopes::new()), answer).unwrap_err();
    assert!(error.refused().unwrap().ends_grant());
    assert_eq!(error.recovery(), Recovery::Reauthorize);
}

#[test]
fn a_signer_without_the_key_and_one_that_fails_are_two_errors() {
    let without = |reason| {
        let mut call = own(&client());
        let Step::Sign(_) = call.step(Input::Begin, NOW).unwrap() else {
            panic!("nothing to sign");
        };
        let error = call.step(Input::NotSigned(reason), NOW).unwrap_err();
        // Nothing was sent: it can begin again.
        assert!(matches!(call.step(Input::Begin, NOW), Ok(Step::Sign(_))));
        error.kind().clone()
    };
    assert_eq!(
        without(NotSigned::UnknownKey),
        ErrorKind::Misuse(Misuse::UnknownSigningKey)
    );
    assert_eq!(without(NotSigned::Failed), ErrorKind::Transport);
}

#[test]
fn no_assertion_is_shown_by_debug() {
    let given = JwtBearer::Given("canary.canary.canary".into());
    let mut call = call_of(&client(), given.clone(), &Scopes::new());
    let request = request_of(&mut call);
    let shown = format!("{given:?} {call:?} {request:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
