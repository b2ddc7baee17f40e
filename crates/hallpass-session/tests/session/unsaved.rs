//! A store that fails after the server has rotated costs nobody a token.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_grant::token::TokenSet;
use hallpass_session::{Event, SessionError};

use crate::support::{Odd, World, access, got, tokens};

#[tokio::test(start_paused = true)]
async fn tokens_that_cannot_be_saved_are_handed_out_told_once_and_saved_later() {
    let world = World::after_login(tokens("a", 0)).await;
    let updates = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&updates);
    let session = world.session().on_update(move |tokens: &TokenSet| {
        seen.lock().unwrap().push(access(tokens).to_owned());
    });
    world.store.next_swaps([Odd::Not]);
    world.store.all_swaps(Some(Odd::Fails));

    let found = session.tokens().await.unwrap();
    assert_eq!(access(&found), "new-1-access");
    let Some(SessionError::Store(error)) = found.unsaved() else {
        panic!("the store has failed");
    };
    assert!(error.to_string().contains("the disk is full"), "{error}");
    let stored = world.store.record("alice").await.unwrap();
    assert_eq!(access(&stored.tokens), "a-access");

    // For as long as the store fails, everybody here has the new ones.
    for _ in 0..10 {
        world.clock.pass(Duration::from_secs(60)).await;
        let found = session.tokens().await.unwrap();
        assert_eq!(access(&found), "new-1-access");
        assert!(found.unsaved().is_some());
    }
    world.store.all_swaps(None);
    session.settled().await;
    let stored = world.store.record("alice").await.unwrap();
    assert_eq!(access(&stored.tokens), "new-1-access");
    let found = session.tokens().await.unwrap();
    assert_eq!(access(&found), "new-1-access");
    assert!(found.unsaved().is_none());
    assert_eq!(*updates.lock().unwrap(), ["new-1-access"]);
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_were_never_saved_are_saved_over_by_a_login() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.store.next_swaps([Odd::Not]);
    world.store.all_swaps(Some(Odd::Fails));
    assert_eq!(got(session.tokens().await), "new-1-access");
    world.store.all_swaps(None);
    session.save(&tokens("b", 3600)).await.unwrap();
    session.settled().await;
    assert_eq!(got(session.tokens().await), "b-access");
    assert_eq!(got(world.session().tokens().await), "b-access");
    assert_eq!(world.server.has_revoked(), ["new-1-refresh"]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_others_while_the_save_is_tried_again_is_told_why_there_are_none() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.store.next_swaps([Odd::Not]);
    world.store.all_swaps(Some(Odd::Fails));
    let found = session.tokens().await.unwrap();
    let refused = session.refused(&found.access_token).await;
    assert!(
        matches!(refused, Err(SessionError::Store(_))),
        "{refused:?}"
    );
    let again = session.refresh().await;
    assert!(matches!(again, Err(SessionError::Store(_))), "{again:?}");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_before_anything_was_sent_is_an_error_and_costs_nothing() {
    let world = World::after_login(tokens("a", 0)).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let session = world.session().on_event(move |event| {
        seen.lock().unwrap().push(event);
    });
    world.store.next_swaps([Odd::Fails]);
    for _ in 0..3 {
        let failed = session.tokens().await;
        assert!(matches!(failed, Err(SessionError::Store(_))), "{failed:?}");
    }
    assert_eq!(world.server.requests(), 0);
    assert_eq!(*events.lock().unwrap(), [Event::Claimed]);
    // A moment later it is tried again.
    world.clock.pass(Duration::from_secs(5)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}
