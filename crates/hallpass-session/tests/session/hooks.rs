//! What an application's hooks do harms no session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hallpass_grant::token::TokenSet;
use hallpass_session::Event;

use crate::support::{Odd, World, access, got, tokens};

#[tokio::test(start_paused = true)]
async fn an_event_hook_that_panics_costs_nothing() {
    let world = World::after_login(tokens("a", 0)).await;
    let once = AtomicBool::new(true);
    let session = world.session().on_event(move |event| {
        assert!(
            event != Event::Obtained || !once.swap(false, Ordering::SeqCst),
            "on purpose"
        );
    });
    assert_eq!(got(session.tokens().await), "new-1-access");
    session.settled().await;
    assert_eq!(
        access(&world.store.record("alice").await.unwrap().tokens),
        "new-1-access"
    );
}

#[tokio::test(start_paused = true)]
async fn an_update_hook_that_panics_stops_no_save() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world
        .session()
        .on_update(|_: &TokenSet| panic!("on purpose"));
    world.store.next_swaps([Odd::Not, Odd::Fails]);
    assert_eq!(got(session.tokens().await), "new-1-access");
    session.settled().await;
    world.clock.pass(Duration::from_secs(60)).await;
    assert_eq!(
        access(&world.store.record("alice").await.unwrap().tokens),
        "new-1-access"
    );
}

#[tokio::test(start_paused = true)]
async fn an_update_is_told_once_however_often_it_is_saved() {
    let world = World::after_login(tokens("a", 0)).await;
    let updates = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&updates);
    let session = world.session().on_update(move |_: &TokenSet| {
        told.fetch_add(1, Ordering::SeqCst);
    });
    world
        .store
        .next_swaps([Odd::Not, Odd::Fails, Odd::Overtaken(tokens("a", 0))]);
    assert_eq!(got(session.tokens().await), "new-1-access");
    session.settled().await;
    assert_eq!(updates.load(Ordering::SeqCst), 1);
}
