//! Everything that waits can be stored, and goes on in another process.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the other process is real"
)]

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::env;
use std::process::Command;

use hallpass_grant::token::TokenSet;
use hallpass_grant::{
    Call, Callback, ClientAuthentication, Code, Conversation, Discovery, Input, Issuer, Pending,
    Request, Response, Signature, Step, Token, TokenAnswer,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use common::*;

const ANSWER: &str = r#"{"access_token":"T","token_type":"bearer","scope":"read"}"#;
/// What a child process of this test is given: the value to go on with.
const STORED: &str = "HALLPASS_TEST_STORED";

/// What another process would have: what was stored and nothing else.
fn elsewhere<T: Serialize + DeserializeOwned>(value: T) -> T {
    let stored = serde_json::to_string(&value).unwrap();
    drop(value);
    serde_json::from_str(&stored).unwrap()
}

/// Runs a call to its end, through `between` before each step.
fn run(
    mut call: Call<TokenAnswer>,
    between: fn(Call<TokenAnswer>) -> Call<TokenAnswer>,
) -> (Request, TokenSet) {
    let mut request = None;
    let mut input = Input::Begin;
    loop {
        call = between(call);
        input = match call.step(input, NOW).unwrap() {
            Step::Send(to_send) => {
                request = Some(to_send);
                Input::Response(json(200, ANSWER))
            }
            Step::Sign(_) => Input::Signature(Signature::new([3; 64])),
            Step::Wait(_) => Input::Woken,
            Step::Done(set) => return (request.unwrap(), set),
        };
    }
}

#[test]
fn a_call_stored_before_each_step_ends_like_one_that_was_not() {
    for authentication in authentications() {
        let client = client().with_authentication(authentication);
        let (plain, set) = run(exchange_of(&client), |call| call);
        let (stored, same_set) = run(exchange_of(&client), elsewhere);
        assert_eq!(body(&plain), body(&stored));
        assert!(plain.headers().eq(stored.headers()));
        assert_eq!(plain.endpoint(), stored.endpoint());
        assert_eq!(set, same_set);
    }
}

#[test]
fn a_pending_code_stored_gives_the_code_of_the_one_that_was_not() {
    let client = client_of(server_with_issuer());
    let (_, pending) = begin_code(&client);
    let pending: Pending<Code> = elsewhere(pending);
    assert_eq!(pending.began(), NOW);
    assert_eq!(*pending.scopes(), scopes("read write"));
    let callback = format!("/cb?code=SplxlOBe&state={STATE}&iss=https%3A%2F%2Fas.example");
    let code = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap();
    let request = sent(
        client
            .exchange(code)
            .unwrap()
            .step(Input::Begin, NOW)
            .unwrap(),
    );
    let plain = sent(exchange_of(&client).step(Input::Begin, NOW).unwrap());
    assert_eq!(body(&request), body(&plain));
}

#[test]
fn a_pending_code_stored_still_checks_state_and_issuer() {
    let client = client_of(server_with_issuer());
    for callback in [
        "/cb?code=X&state=wrong".to_owned(),
        format!("/cb?code=X&state={STATE}&iss=https%3A%2F%2Fevil.example"),
    ] {
        let pending = elsewhere(begin_code(&client).1);
        assert!(
            pending
                .receive(&Callback::from_url(&callback), NOW)
                .is_err()
        );
    }
}

#[test]
fn a_pending_token_stored_gives_the_token() {
    let pending: Pending<Token> = elsewhere(begin_token(&client()).1);
    let callback = format!("/cb#access_token=T&token_type=bearer&state={STATE}");
    let set = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap();
    assert_eq!(set.scopes, scopes("read write"));
}

#[test]
fn a_discovery_stored_before_each_step_goes_on() {
    let mut discovery = Discovery::new(Issuer::new(ISSUER).unwrap());
    let answers = [
        Response::new(503),
        Response::new(404),
        json(200, r#"{"issuer":"https://as.example"}"#),
    ];
    let mut answers = answers.into_iter();
    let mut input = Input::Begin;
    let metadata = loop {
        discovery = elsewhere(discovery);
        input = match discovery.step(input, NOW).unwrap() {
            Step::Send(_) => Input::Response(answers.next().unwrap()),
            Step::Wait(_) => Input::Woken,
            Step::Sign(_) => panic!("nothing is signed here"),
            Step::Done(metadata) => break metadata,
        };
    };
    assert_eq!(metadata.issuer.unwrap().as_str(), ISSUER);
}

#[test]
fn what_was_tampered_with_in_the_store_is_refused_or_harmless() {
    let stored = serde_json::to_string(&begin_code(&client()).1).unwrap();
    let evil = stored.replace(
        "https://as.example/oauth/token",
        "http://evil.example/token",
    );
    assert_ne!(evil, stored);
    assert!(serde_json::from_str::<Pending<Code>>(&evil).is_err());
    let empty = stored.replace(STATE, "");
    assert_ne!(empty, stored);
    let pending: Pending<Code> = serde_json::from_str(&empty).unwrap();
    assert!(
        pending
            .receive(&Callback::from_url("/cb?code=X&state="), NOW)
            .is_err()
    );
}

/// Runs one test of this file in a process of its own, gives it what was stored, and looks for what it says.
fn said_elsewhere(test: &str, stored: &impl Serialize, expected: &str) {
    let child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(STORED, serde_json::to_string(stored).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    assert!(said.lines().any(|line| line.ends_with(expected)), "{said}");
}

/// Signs nothing and sends nothing: what it is given goes one step further.
#[test]
fn a_call_waiting_for_a_signature_goes_on_in_a_child_process() {
    if let Ok(stored) = env::var(STORED) {
        let mut call: Call<TokenAnswer> = serde_json::from_str(&stored).unwrap();
        let request = sent(
            call.step(Input::Signature(Signature::new([3; 64])), NOW)
                .unwrap(),
        );
        println!("body={}", body(&request));
        return;
    }
    let authentication = ClientAuthentication::PrivateKeyJwt(key());
    let mut call = exchange_of(&client().with_authentication(authentication));
    assert!(matches!(
        call.step(Input::Begin, NOW).unwrap(),
        Step::Sign(_)
    ));
    let stored = call.clone();
    let request = sent(
        call.step(Input::Signature(Signature::new([3; 64])), NOW)
            .unwrap(),
    );
    said_elsewhere(
        "a_call_waiting_for_a_signature_goes_on_in_a_child_process",
        &stored,
        &format!("body={}", body(&request)),
    );
}

/// The assertion is signed here, the proof there, and one request has both.
#[test]
fn a_call_between_two_signatures_goes_on_in_a_child_process() {
    let goes_on = |mut call: Call<TokenAnswer>| {
        let signature = Input::Signature(Signature::new([4; 64]));
        let request = sent(call.step(signature, NOW).unwrap());
        let proof = request.header("dpop").unwrap();
        format!("proof={proof} body={}", body(&request))
    };
    if let Ok(stored) = env::var(STORED) {
        println!("{}", goes_on(serde_json::from_str(&stored).unwrap()));
        return;
    }
    let client = client()
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()))
        .with_dpop(signer::dpop_key())
        .unwrap();
    let mut call = exchange_of(&client);
    let Step::Sign(assertion) = call.step(Input::Begin, NOW).unwrap() else {
        panic!("no assertion");
    };
    assert_eq!(*assertion.key(), key());
    let signature = Input::Signature(Signature::new([3; 64]));
    let Step::Sign(proof) = call.step(signature, NOW).unwrap() else {
        panic!("no proof");
    };
    assert_eq!(*proof.key(), signer::dpop_name());
    said_elsewhere(
        "a_call_between_two_signatures_goes_on_in_a_child_process",
        &call,
        &goes_on(call.clone()),
    );
}
