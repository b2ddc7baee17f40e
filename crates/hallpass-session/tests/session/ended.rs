//! A logout or a login in the middle of a refresh has the last word.

use futures_util::FutureExt;
use hallpass_session::{Session, SessionError, Tokens};
use tokio::task::JoinHandle;

use crate::support::{Odd, World, got, tokens};

/// A refresh whose request is at the server, which keeps its answer.
async fn under_way(world: &World, session: &Session) -> JoinHandle<Result<Tokens, SessionError>> {
    world.server.hold();
    let session = session.clone();
    let caller = tokio::spawn(async move { session.tokens().await });
    world.server.has_had(1).await;
    caller
}

#[tokio::test(start_paused = true)]
async fn a_logout_during_a_refresh_is_not_undone_and_the_new_token_is_revoked() {
    for is_here in [true, false] {
        let world = World::after_login(tokens("a", 0)).await;
        let session = world.session();
        let caller = under_way(&world, &session).await;
        match is_here {
            true => session.forget().await.unwrap(),
            false => world.session().forget().await.unwrap(),
        }
        world.server.release();
        let heard = caller.await.unwrap();
        assert!(matches!(heard, Err(SessionError::Missing)), "{heard:?}");
        session.settled().await;
        assert_eq!(world.store.record("alice").await, None);
        assert_eq!(world.server.has_revoked(), ["new-1-refresh"]);
        let missing = session.tokens().await;
        assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_during_a_refresh_is_what_everybody_gets() {
    for is_here in [true, false] {
        let world = World::after_login(tokens("a", 0)).await;
        let session = world.session();
        let caller = under_way(&world, &session).await;
        match is_here {
            true => session.save(&tokens("b", 3600)).await.unwrap(),
            false => world.session().save(&tokens("b", 3600)).await.unwrap(),
        }
        world.server.release();
        assert_eq!(got(caller.await.unwrap()), "b-access");
        session.settled().await;
        assert_eq!(got(session.tokens().await), "b-access");
        assert_eq!(got(world.session().tokens().await), "b-access");
        assert_eq!(world.server.has_revoked(), ["new-1-refresh"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_ended_just_before_a_write_stays_ended() {
    for (odds, requests) in [
        (vec![Odd::LoggedOut], 0),
        // The request of the refresh, and that of the revocation.
        (vec![Odd::Not, Odd::LoggedOut], 2),
    ] {
        let world = World::after_login(tokens("a", 0)).await;
        world.store.next_swaps(odds);
        let missing = world.session().tokens().await;
        assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
        assert_eq!(world.store.record("alice").await, None);
        assert_eq!(world.server.requests(), requests);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_cached_is_gone_the_moment_a_logout_begins() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.tokens().await), "a-access");
    assert!(session.ready().is_some());
    let leaving = session.clone();
    let mut logout = Box::pin(leaving.logout());
    assert!(logout.as_mut().now_or_never().is_none());
    assert!(session.ready().is_none());
    logout.await.unwrap();
}
