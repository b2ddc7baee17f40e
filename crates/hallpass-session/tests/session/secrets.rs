//! Nothing that is shown has a secret in it.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use hallpass_session::{Event, Session, SessionError, TokenProvider, Tokens, blocking};

use crate::support::{Odd, World, answer, confidential, tokens};

#[test]
fn what_is_shared_crosses_threads() {
    fn check<T: Send + Sync>() {}
    check::<Session>();
    check::<blocking::Session>();
    check::<blocking::Driver>();
    check::<SessionError>();
    check::<Tokens>();
    check::<Event>();
    check::<Box<dyn TokenProvider>>();
}

/// Everything that a story of tokens whose text has `canary` in it has shown.
async fn shown() -> String {
    let mut shown = Vec::new();
    let mut show = |what: &dyn Debug| shown.push(format!("{what:?} {what:#?}"));
    let events = Arc::new(Mutex::new(Vec::new()));
    let world = World::after_login(tokens("canary", 0)).await;
    let heard = Arc::clone(&events);
    let session = world
        .session()
        .on_event(move |event| heard.lock().unwrap().push(event))
        .on_update(|_| {});
    show(&session);
    let quoting = r#"{"error":"server_error","error_description":"canary-refresh"}"#;
    world.server.answers([answer(500, quoting)]);
    let failed = session.tokens().await;
    show(&failed);
    show(&failed.unwrap_err().to_string());
    world.clock.pass(std::time::Duration::from_secs(2)).await;
    world.store.next_swaps([Odd::Not, Odd::Fails]);
    let found = session.tokens().await.unwrap();
    show(&found);
    show(&found.unsaved());
    session.settled().await;
    show(&session.ready());
    show(&world.store.record("alice").await);
    let ended = r#"{"error":"invalid_grant","error_description":"new-1-refresh"}"#;
    world.server.answers([answer(400, ended)]);
    let over = session.refresh().await;
    show(&over);
    show(&over.unwrap_err().to_string());
    session.save(&tokens("canary", 60)).await.unwrap();
    session.logout().await.unwrap();
    show(&session.tokens().await);
    let own = world.own_session(confidential());
    show(&own);
    show(&own.tokens().await);
    let events = events.lock().unwrap();
    for event in [
        Event::Sent,
        Event::NotSaved,
        Event::Saved,
        Event::LoggedIn,
        Event::LoggedOut,
        Event::Revoked,
    ] {
        assert!(events.contains(&event), "{event:?} in {events:?}");
    }
    show(&events);
    shown.concat()
}

#[tokio::test(start_paused = true)]
async fn no_debug_no_error_and_no_event_shows_a_token() {
    let shown = shown().await;
    for secret in ["canary", "-access", "-refresh", "\"secret\""] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[cfg(feature = "tracing")]
#[tokio::test(start_paused = true)]
async fn what_is_traced_has_no_token_in_it() {
    let traced = crate::support::Traced::default();
    // While there is but one, `tracing` asks that of whichever thread comes to an event first, and the other tests' threads have none.
    let _another = tracing::Dispatch::new(traced.clone());
    let _guard = tracing::subscriber::set_default(traced.clone());
    shown().await;
    let traced = traced.text();
    assert!(
        traced.contains("NotSaved") && traced.contains("hallpass_session"),
        "{traced}"
    );
    for secret in ["canary", "-access", "-refresh"] {
        assert!(!traced.contains(secret), "{secret} in {traced}");
    }
}
