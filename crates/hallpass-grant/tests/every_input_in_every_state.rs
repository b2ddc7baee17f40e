//! An input that answers nothing is misuse, and changes nothing.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::mem::discriminant;

use hallpass_grant::token::AccessToken;
use hallpass_grant::{
    Client, Conversation, DevicePoll, Discovery, ErrorKind, Input, Issuer, Misuse, NotSigned,
    Response, Signature, Step,
};
use serde::Serialize;

use common::*;
use signer::dpop_key;

/// Gives every input but those awaited, and looks whether anything has changed.
fn only<C>(conversation: &C, awaited: &[Input], misuse: &Misuse)
where
    C: Conversation + Clone + Serialize,
{
    let before = serde_json::to_string(conversation).unwrap();
    let is_awaited = |input: &Input| {
        awaited
            .iter()
            .any(|own| discriminant(own) == discriminant(input))
    };
    for input in every_input().into_iter().filter(|input| !is_awaited(input)) {
        let mut tried = conversation.clone();
        let shown = format!("{input:?}");
        match tried.step(input, NOW) {
            Err(error) => assert_eq!(*error.kind(), ErrorKind::Misuse(misuse.clone()), "{shown}"),
            Ok(_) => panic!("{shown} was taken in {before}"),
        }
        assert_eq!(serde_json::to_string(&tried).unwrap(), before, "{shown}");
    }
    for input in every_input().into_iter().filter(is_awaited) {
        let shown = format!("{input:?}");
        if let Err(error) = conversation.clone().step(input, NOW) {
            assert!(
                !matches!(error.kind(), ErrorKind::Misuse(_)),
                "{shown}: {error}"
            );
        }
    }
}

fn response() -> Input {
    Input::Response(Response::new(503))
}

fn lost() -> Input {
    Input::Lost(hallpass_grant::Lost::NotSent)
}

#[test]
fn a_call_takes_only_what_answers_it_whatever_its_authentication() {
    for authentication in authentications() {
        let mut call = exchange_of(&client().with_authentication(authentication));
        only(&call, &[Input::Begin], &Misuse::UnexpectedInput);
        if let Step::Sign(_) = call.step(Input::Begin, NOW).unwrap() {
            only(
                &call,
                &[
                    Input::Signature(Signature::new([])),
                    Input::NotSigned(NotSigned::Failed),
                ],
                &Misuse::UnexpectedInput,
            );
            let _request = call
                .step(Input::Signature(Signature::new([1; 64])), NOW)
                .unwrap();
        }
        only(&call, &[response(), lost()], &Misuse::UnexpectedInput);
        let _tokens = call.step(every_input().swap_remove(1), NOW).unwrap();
        only(&call, &[], &Misuse::Over);
    }
}

fn signature() -> Input {
    Input::Signature(Signature::new([1; 64]))
}

fn not_signed() -> Input {
    Input::NotSigned(NotSigned::Failed)
}

fn demand() -> Input {
    let demand = json(400, r#"{"error":"use_dpop_nonce"}"#);
    Input::Response(demand.with_header("dpop-nonce", "n"))
}

#[test]
fn a_call_with_a_proof_takes_only_what_answers_it_after_a_demand_for_a_nonce_too() {
    for authentication in authentications() {
        let client = client().with_authentication(authentication);
        let mut call = exchange_of(&client.with_dpop(dpop_key()).unwrap());
        only(&call, &[Input::Begin], &Misuse::UnexpectedInput);
        let mut input = Input::Begin;
        for _ in 0..2 {
            let mut step = call.step(input, NOW).unwrap();
            while let Step::Sign(_) = step {
                only(
                    &call,
                    &[signature(), not_signed()],
                    &Misuse::UnexpectedInput,
                );
                step = call.step(signature(), NOW).unwrap();
            }
            only(&call, &[response(), lost()], &Misuse::UnexpectedInput);
            input = demand();
        }
        call.step(input, NOW).unwrap_err();
        only(&call, &[], &Misuse::Over);
    }
}

#[test]
fn a_proof_takes_only_what_answers_it() {
    let token = AccessToken::new("T").unwrap();
    let target = "https://api.example/";
    let proof = dpop_key().proof("GET", target, &token, &mut draws(SEED));
    let mut proof = proof.unwrap();
    only(&proof, &[Input::Begin], &Misuse::UnexpectedInput);
    let _input = proof.step(Input::Begin, NOW).unwrap();
    only(
        &proof,
        &[signature(), not_signed()],
        &Misuse::UnexpectedInput,
    );
    let mut unsigned = proof.clone();
    unsigned.step(not_signed(), NOW).unwrap_err();
    only(&unsigned, &[], &Misuse::Over);
    let _proof = proof.step(signature(), NOW).unwrap();
    only(&proof, &[], &Misuse::Over);
}

fn poll_of(client: &Client) -> DevicePoll {
    let mut call = client.device(&scopes("read"), &mut draws(SEED)).unwrap();
    let mut step = call.step(Input::Begin, NOW).unwrap();
    while let Step::Sign(_) = step {
        step = call.step(signature(), NOW).unwrap();
    }
    let answer = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/","expires_in":60}"#;
    let device = done(call.step(Input::Response(json(200, answer)), NOW).unwrap());
    client.poll(&device, &mut draws(SEED)).unwrap()
}

/// `Begin` is taken in every state but the last: it is how a poll that was stored goes on.
#[test]
fn a_device_poll_takes_only_what_answers_it_and_a_new_beginning() {
    let at = endpoint("https://as.example/device");
    let server = server().with_device_authorization_endpoint(at);
    for authentication in authentications() {
        let client = client_of(server.clone()).with_authentication(authentication);
        let mut poll = poll_of(&client.with_dpop(dpop_key()).unwrap());
        only(&poll, &[Input::Begin], &Misuse::UnexpectedInput);
        let Step::Wait(until) = poll.step(Input::Begin, NOW).unwrap() else {
            panic!("the first poll waits too");
        };
        let waiting = [Input::Begin, Input::Woken];
        only(&poll, &waiting, &Misuse::UnexpectedInput);
        let mut step = poll.step(Input::Woken, until).unwrap();
        while let Step::Sign(_) = step {
            let signing = [Input::Begin, signature(), not_signed()];
            only(&poll, &signing, &Misuse::UnexpectedInput);
            step = poll.step(signature(), until).unwrap();
        }
        let sent = [Input::Begin, response(), lost()];
        only(&poll, &sent, &Misuse::UnexpectedInput);
        let _waits = poll.step(lost(), until).unwrap();
        only(&poll, &waiting, &Misuse::UnexpectedInput);
        let end = poll.expires_at();
        poll.step(Input::Woken, end).unwrap_err();
        only(&poll, &[], &Misuse::Over);
    }
}

#[test]
fn a_discovery_takes_only_what_answers_it() {
    let mut discovery = Discovery::new(Issuer::new(ISSUER).unwrap());
    only(&discovery, &[Input::Begin], &Misuse::UnexpectedInput);
    let _request = discovery.step(Input::Begin, NOW).unwrap();
    only(&discovery, &[response(), lost()], &Misuse::UnexpectedInput);
    let _waits = discovery.step(lost(), NOW).unwrap();
    only(&discovery, &[Input::Woken], &Misuse::UnexpectedInput);
    let _request = discovery.step(Input::Woken, NOW).unwrap();
    let metadata = json(200, r#"{"issuer":"https://as.example"}"#);
    let _metadata = discovery.step(Input::Response(metadata), NOW).unwrap();
    only(&discovery, &[], &Misuse::Over);
}

#[test]
fn a_signature_of_the_wrong_form_changes_nothing() {
    let client =
        client().with_authentication(hallpass_grant::ClientAuthentication::PrivateKeyJwt(key()));
    let mut call = exchange_of(&client);
    let _input = call.step(Input::Begin, NOW).unwrap();
    for length in [0, 63, 65, 70, 72] {
        let signature = Signature::new(vec![1; length]);
        let error = call.step(Input::Signature(signature), NOW).unwrap_err();
        assert_eq!(*misuse(&error), Misuse::SignatureForm);
    }
    assert!(
        call.step(Input::Signature(Signature::new([1; 64])), NOW)
            .is_ok()
    );
}
