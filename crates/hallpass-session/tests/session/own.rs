//! Tokens that can be had without a person: the client's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hallpass_grant::{ErrorKind, Lost, Misuse};
use hallpass_session::SessionError;

use crate::support::{Answer, World, client, confidential, got};

#[tokio::test(start_paused = true)]
async fn three_calls_of_a_program_cause_one_request_and_one_update() {
    let world = World::default();
    let updates = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&updates);
    let session = world.own_session(confidential()).on_update(move |tokens| {
        assert_eq!(tokens.access_token.expose_secret(), "new-1-access");
        counted.fetch_add(1, Ordering::Relaxed);
    });
    for _ in 0..3 {
        assert_eq!(got(session.tokens().await), "new-1-access");
    }
    assert_eq!(world.server.requests(), 1);
    assert_eq!(updates.load(Ordering::Relaxed), 1);
    // Another process finds what this one got, and nothing is new to it.
    let other = world.own_session(confidential());
    let other = other.on_update(|_| panic!("nothing has come"));
    assert_eq!(got(other.tokens().await), "new-1-access");
    assert_eq!(world.server.requests(), 1);
    assert_eq!(world.store.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_programs_token_is_got_again_ahead_of_its_end_and_after_a_failure() {
    let world = World::default();
    let session = world.own_session(confidential());
    assert_eq!(got(session.tokens().await), "new-1-access");
    world.clock.pass(Duration::from_secs(3_000)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
    assert_eq!(world.server.requests(), 1);
    // In the advisory window: what is good is used, what is new is there a moment later.
    world.clock.pass(Duration::from_secs(400)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
    session.settled().await;
    assert_eq!(got(session.tokens().await), "new-2-access");

    world.clock.pass(Duration::from_secs(7_200)).await;
    world.server.answers([Answer::Lost(Lost::NotSent)]);
    let failed = session.tokens().await;
    assert!(
        matches!(failed, Err(SessionError::Provider(_))),
        "{failed:?}"
    );
    world.clock.pass(Duration::from_secs(2)).await;
    assert_eq!(got(session.tokens().await), "new-3-access");
    assert_eq!(world.server.requests(), 4);
    assert_eq!(world.store.record("program").await.unwrap().doubt, 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_lacks_what_it_is_got_with_fails_without_a_request() {
    let world = World::default();
    let session = world.own_session(client("program"));
    let Err(SessionError::Provider(error)) = session.tokens().await else {
        panic!("there is nobody to ask");
    };
    let missing = ErrorKind::Misuse(Misuse::Missing("client secret or key"));
    assert_eq!(error.kind(), &missing);
    assert_eq!(world.server.requests(), 0);
}
