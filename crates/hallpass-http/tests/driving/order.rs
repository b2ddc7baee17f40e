//! What is asked for is done, in order, and what came of it is told.

use std::error::Error as _;

use hallpass_grant::{ClientAuthentication, ErrorKind, Lost};
use hallpass_http::{NoSigner, SignError, TransportError, drive};

use crate::script::{Ask, Event, Failure, Play, World, es256, refresh};

#[tokio::test]
async fn each_step_is_carried_out_and_answered() {
    let world = World::new([Event::Signed, Event::Answered(503), Event::Answered(200)]);
    let asks = [Ask::Sign, Ask::Send, Ask::Wait(5), Ask::Send, Ask::Done];
    let done = drive(&mut Play::new(asks, &world), &world, &world, &world).await;
    assert_eq!(done.unwrap(), "done");
    let trace = world.trace();
    let trace: Vec<&str> = trace.iter().map(String::as_str).collect();
    assert_eq!(
        trace,
        [
            "Begin at 0",
            "sign",
            "Signature(Signature(64 bytes)) at 0",
            "send",
            "Response(Response { status: 503, body: SecretBytes(43 bytes) }) at 0",
            "sleep 5s",
            "Woken at 5",
            "send",
            "Response(Response { status: 200, body: SecretBytes(43 bytes) }) at 5",
        ]
    );
}

#[tokio::test]
async fn a_time_that_has_passed_is_not_waited_for() {
    let world = World::new([]);
    let asks = [Ask::Wait(5), Ask::Wait(3), Ask::Wait(-1), Ask::Done];
    drive(&mut Play::new(asks, &world), &world, &world, &world)
        .await
        .unwrap();
    let slept = world
        .trace()
        .into_iter()
        .filter(|line| line.starts_with("sleep"));
    assert_eq!(
        slept.collect::<Vec<_>>(),
        ["sleep 5s", "sleep 0ns", "sleep 0ns"]
    );
}

#[tokio::test]
async fn a_lost_answer_is_told_and_nothing_is_sent_again() {
    for lost in [Lost::NotSent, Lost::MaybeSent] {
        let world = World::new([Event::Lost(lost)]);
        let error = drive(
            &mut refresh(ClientAuthentication::None),
            &world,
            &world,
            &world,
        )
        .await
        .unwrap_err();
        let kind = match lost {
            Lost::NotSent => ErrorKind::Transport,
            Lost::MaybeSent => ErrorKind::InDoubt,
        };
        assert_eq!(error.kind(), &kind);
        let source = error
            .source()
            .and_then(|source| source.downcast_ref::<TransportError>())
            .unwrap();
        assert_eq!(source.lost(), lost);
        assert!(source.to_string().starts_with("https://as.example/token: "));
        assert_eq!(source.source().unwrap().to_string(), "the cable was cut");
        assert!(!format!("{error} {error:?} {source}").contains("canary"));
        assert_eq!(world.trace(), ["send"]);
    }
}

#[tokio::test]
async fn an_error_has_the_transports_cause_only_where_that_is_the_cause() {
    let lost = Event::Lost(Lost::MaybeSent);
    for (failure, events, has_source) in [
        (Failure::Transport, [lost, lost], true),
        (Failure::InDoubt, [lost, lost], true),
        (Failure::Misuse, [lost, lost], false),
        (Failure::Transport, [lost, Event::Answered(200)], false),
    ] {
        let world = World::new(events);
        let asks = [Ask::Send, Ask::Wait(1), Ask::Send, Ask::Fail(failure)];
        let error = drive(&mut Play::new(asks, &world), &world, &world, &world)
            .await
            .unwrap_err();
        assert_eq!(
            error.source().is_some(),
            has_source,
            "{failure:?} {events:?}"
        );
    }
}

#[tokio::test]
async fn without_a_signature_nothing_is_sent() {
    let world = World::new([Event::NotSigned]);
    let error = drive(&mut refresh(es256()), &world, &world, &world)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Transport);
    let source = error.source().unwrap();
    assert!(matches!(source.downcast_ref(), Some(SignError::Failed(_))));
    assert_eq!(
        source.source().unwrap().to_string(),
        "the key store is locked"
    );
    assert_eq!(world.trace(), ["sign"]);
}

#[tokio::test]
async fn a_driver_without_keys_says_which_key_it_would_need() {
    let world = World::new([]);
    let error = drive(&mut refresh(es256()), &world, &NoSigner, &world)
        .await
        .unwrap_err();
    let source = error.source().unwrap().to_string();
    assert!(source.contains("`key-1` for ES256"), "{source}");
    assert!(world.trace().is_empty());
}
