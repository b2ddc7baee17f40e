//! Giving up is dropping the future: the conversation stands where its last step left it.

use std::pin::pin;
use std::task::{Context, Waker};

use hallpass_grant::ErrorKind;
use hallpass_grant::{
    ClientAuthentication, Conversation, Input, Misuse, Response, Signature, Step,
};
use hallpass_http::drive;
use time::UtcDateTime;

use crate::script::{World, es256, refresh};

/// Drives until nothing happens any more, and gives up.
fn give_up<C: Conversation>(conversation: &mut C, world: &World) {
    let mut driving = pin!(drive(conversation, world, world, world));
    let polled = driving
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
}

#[test]
fn what_was_sent_can_still_be_answered() {
    let world = World::new([]);
    let mut call = refresh(ClientAuthentication::None);
    give_up(&mut call, &world);
    assert_eq!(world.trace(), ["send"]);
    let body = r#"{"access_token":"late","token_type":"Bearer"}"#;
    let answer = Input::Response(Response::new(200).with_body(body.to_owned()));
    let Ok(Step::Done(tokens)) = call.step(answer, UtcDateTime::UNIX_EPOCH) else {
        panic!()
    };
    assert_eq!(tokens.access_token.expose_secret(), "late");
}

#[test]
fn what_was_to_be_signed_can_still_be_signed() {
    let world = World::new([]);
    let mut call = refresh(es256());
    give_up(&mut call, &world);
    assert_eq!(world.trace(), ["sign"]);
    let signature = Input::Signature(Signature::new([7; 64]));
    assert!(matches!(
        call.step(signature, UtcDateTime::UNIX_EPOCH),
        Ok(Step::Send(_))
    ));
}

#[tokio::test]
async fn a_call_given_up_after_it_was_sent_is_not_sent_again() {
    let world = World::new([]);
    let mut call = refresh(ClientAuthentication::None);
    give_up(&mut call, &world);
    let error = drive(&mut call, &world, &world, &world).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Misuse(Misuse::UnexpectedInput));
    assert_eq!(world.trace(), ["send"]);
}
