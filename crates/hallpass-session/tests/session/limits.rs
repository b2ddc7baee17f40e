//! Nothing that fails is waited for for ever, or asked again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hallpass_session::{End, Key, Session, SessionError, TokenStore, async_trait};
use hallpass_store::{Entry, MemoryStore, Revision, StoreError, SwapError};

use crate::support::{Odd, World, answer, client, got, tokens};

/// A store that answers no load while it hangs.
struct Hangs(MemoryStore, AtomicBool);

#[async_trait]
impl TokenStore for Hangs {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        if self.1.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        TokenStore::load(&self.0, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        TokenStore::swap(&self.0, key, expected, new).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_keeps_nobody_from_a_good_token_and_nobody_for_ever() {
    let world = World::default();
    let store = Arc::new(Hangs(MemoryStore::new(), AtomicBool::new(false)));
    let session = Session::new(
        store.clone(),
        Key::new("alice"),
        client("client"),
        world.driver(),
    );
    session.save(&tokens("a", 1000)).await.unwrap();
    assert_eq!(got(session.tokens().await), "a-access");
    store.1.store(true, Ordering::SeqCst);
    world.clock.pass(Duration::from_secs(975)).await;
    assert_eq!(got(session.tokens().await), "a-access");
    store.1.store(false, Ordering::SeqCst);
    world.clock.pass(Duration::from_secs(60)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_trying_again_does_not_mend_is_asked_ever_more_rarely() {
    for (status, body) in [
        (200, "<html>"),
        (403, "<html>"),
        (401, r#"{"error":"invalid_client"}"#),
    ] {
        let world = World::after_login(tokens("a", 0)).await;
        let session = world.session();
        world.server.answers_always(Some(answer(status, body)));
        for _ in 0..600 {
            let _ = session.tokens().await;
            world.clock.pass(Duration::from_secs(1)).await;
        }
        let requests = world.server.requests();
        assert!(
            (8..=20).contains(&requests),
            "{status}: {requests} requests in ten minutes"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_in_an_answer_of_a_broken_server_ends_nothing() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world
        .server
        .answers([answer(503, r#"{"error":"invalid_grant"}"#)]);
    let failed = session.tokens().await;
    assert!(
        matches!(failed, Err(SessionError::Provider(_))),
        "{failed:?}"
    );
    world
        .server
        .answers([answer(400, r#"{"error":"invalid_grant"}"#)]);
    world.clock.pass(Duration::from_secs(60)).await;
    // The 503 may have come after the refresh token was spent.
    let how = match session.tokens().await {
        Err(SessionError::Ended { how, .. }) => how,
        other => panic!("{other:?}"),
    };
    assert_eq!(how, End::InDoubt);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_was_not_saved_is_not_used() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    world.store.next_swaps([Odd::Fails]);
    assert!(session.save(&tokens("b", 3600)).await.is_err());
    assert_eq!(got(session.tokens().await), "a-access");
}
