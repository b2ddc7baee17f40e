//! An input that answers nothing is misuse, and changes nothing.

mod common;

use std::mem::discriminant;

use hallpass_grant::{
    Conversation, Discovery, ErrorKind, Input, Issuer, Misuse, NotSigned, Response, Signature, Step,
};
use serde::Serialize;

use common::*;

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
