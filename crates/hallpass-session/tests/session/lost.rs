//! An answer that was lost puts the session in doubt, and is not asked for in a loop.

use std::time::Duration;

use hallpass_grant::{ErrorKind, Lost};
use hallpass_session::{End, SessionError};

use crate::support::{Answer, World, answer, got, tokens};

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_after_a_lost_answer_has_ended_in_doubt() {
    let world = World::after_login(tokens("a", 0)).await;
    world.server.answers([Answer::LostAfterwards]);
    let session = world.session();
    let Err(SessionError::Provider(error)) = session.tokens().await else {
        panic!("no answer came");
    };
    assert_eq!(error.kind(), &ErrorKind::InDoubt);
    for _ in 0..100 {
        assert!(session.tokens().await.is_err());
    }
    assert_eq!(world.server.requests(), 1);

    world.clock.pass(Duration::from_secs(2)).await;
    let ended = session.tokens().await;
    let Err(SessionError::Ended { how, .. }) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(how, End::InDoubt);
    let elsewhere = world.session().tokens().await;
    let Err(SessionError::Ended { how, .. }) = elsewhere else {
        panic!("{elsewhere:?}");
    };
    assert_eq!(how, End::InDoubt);
    assert_eq!(world.server.requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_saw_the_request_refreshes_and_the_doubt_goes_after_two_successes() {
    for outage in [Answer::Lost(Lost::MaybeSent), answer(503, "")] {
        let world = World::after_login(tokens("a", 0)).await;
        world.server.answers([outage]);
        let session = world.session();
        assert!(session.tokens().await.is_err());
        assert_eq!(world.store.record("alice").await.unwrap().doubt, 2);
        world.clock.pass(Duration::from_secs(2)).await;
        assert_eq!(got(session.tokens().await), "new-1-access");
        for doubt in [1, 0] {
            assert_eq!(world.store.record("alice").await.unwrap().doubt, doubt);
            session.refresh().await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_the_request_was_given_up_changes_nothing() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.server.hold();
    let began = tokio::time::Instant::now();
    let Err(SessionError::Provider(error)) = session.tokens().await else {
        panic!("no answer came");
    };
    assert_eq!(began.elapsed(), Duration::from_secs(15));
    assert_eq!(error.kind(), &ErrorKind::InDoubt);
    world.server.release();
    session.settled().await;
    assert_eq!(world.server.requests(), 1);
}
