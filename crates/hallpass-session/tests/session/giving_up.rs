//! A caller that gives up, wherever it is, takes nothing with it.

use std::time::Duration;

use futures_util::FutureExt;
use hallpass_session::{Session, SessionError, Tokens};

use crate::support::{Odd, World, access, got, tokens};

/// Polls so often, with a turn for the others in between, and gives up. Whether it was done before.
async fn give_up_after(polls: usize, session: Session) -> Option<Result<Tokens, SessionError>> {
    let mut caller = Box::pin(session.tokens());
    for _ in 0..polls {
        if let Some(heard) = caller.as_mut().now_or_never() {
            return Some(heard);
        }
        tokio::task::yield_now().await;
    }
    None
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_caller_gives_up_at_any_point_is_finished_and_saved() {
    for polls in 1.. {
        let world = World::after_login(tokens("a", 0)).await;
        let session = world.session();
        let done = give_up_after(polls, session.clone()).await;
        session.settled().await;
        let stored = world.store.record("alice").await.unwrap();
        assert_eq!(access(&stored.tokens), "new-1-access", "{polls} polls");
        assert_eq!(got(session.tokens().await), "new-1-access");
        assert_eq!(world.server.requests(), 1);
        if let Some(heard) = done {
            assert_eq!(got(heard), "new-1-access");
            // As many as what the leader waits for: a load, a swap, a request and a swap.
            assert!(polls > 4, "{polls}");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_never_begins_begins_nothing() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    drop(session.tokens());
    session.settled().await;
    assert_eq!((world.server.requests(), world.store.loads()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn the_others_have_their_answer_when_the_first_gives_up() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.server.hold();
    assert!(give_up_after(8, session.clone()).await.is_none());
    world.server.has_had(1).await;
    let other = session.clone();
    let other = tokio::spawn(async move { other.tokens().await });
    world.clock.pass(Duration::from_secs(1)).await;
    world.server.release();
    assert_eq!(got(other.await.unwrap()), "new-1-access");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_and_a_logout_whose_callers_give_up_are_finished() {
    let world = World::default();
    let session = world.session();
    assert!(session.save(&tokens("a", 3600)).now_or_never().is_none());
    session.settled().await;
    assert_eq!(got(session.tokens().await), "a-access");
    assert!(session.logout().now_or_never().is_none());
    session.settled().await;
    assert_eq!(world.store.record("alice").await, None);
    assert_eq!(world.server.has_revoked(), ["a-refresh"]);
}

#[tokio::test(start_paused = true)]
async fn settled_waits_for_a_write_that_is_tried_again() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    session.settled().await;
    world
        .store
        .next_swaps([Odd::Not, Odd::Fails, Odd::Fails, Odd::Fails]);
    assert!(session.tokens().await.unwrap().unsaved().is_some());
    session.settled().await;
    let stored = world.store.record("alice").await.unwrap();
    assert_eq!(access(&stored.tokens), "new-1-access");
}

#[test]
fn a_runtime_that_is_shut_down_in_the_middle_is_told_and_the_next_one_takes_over() {
    let paused = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let first = paused();
    let (world, session) = first.block_on(async {
        let world = World::after_login(tokens("a", 0)).await;
        let session = world.session();
        world.server.hold();
        assert!(give_up_after(8, session.clone()).await.is_none());
        world.server.has_had(1).await;
        (world, session)
    });
    // Somebody waits on another runtime, or on none.
    let waiting = session.clone();
    let mut waiting = Box::pin(waiting.tokens());
    assert!(waiting.as_mut().now_or_never().is_none());
    drop(first);
    world.server.release();
    let heard = pollster::block_on(waiting);
    assert!(matches!(heard, Err(SessionError::Abandoned)), "{heard:?}");

    paused().block_on(async {
        // The claim of the refresh that was lost is waited for, then taken over.
        assert_eq!(got(session.tokens().await), "new-1-access");
        assert_eq!(world.server.requests(), 2);
        assert_eq!(world.store.record("alice").await.unwrap().doubt, 1);
        session.settled().await;
    });
}
