//! What others do to a session is seen, whatever goes on here.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_grant::Response;
use hallpass_session::{Event, Key, Record, RecordError, Refresh, SessionError, Windows};
use hallpass_store::{Entry, Revision, TokenStore};

use crate::support::{Answer, NOW, Odd, World, got, tokens};

fn slow_down() -> Answer {
    Answer::Response(Response::new(429).with_header("retry-after", "7200"))
}

#[tokio::test(start_paused = true)]
async fn a_logout_elsewhere_is_seen_though_the_server_is_left_alone() {
    let world = World::after_login(tokens("a", 400)).await;
    let windows = Windows::default().with_advisory(Duration::from_secs(390));
    let session = world.session().with_windows(windows);
    world.server.answers_always(Some(slow_down()));
    world.clock.pass(Duration::from_secs(310)).await;
    assert_eq!(got(session.tokens().await), "a-access");
    session.settled().await;
    world.session().forget().await.unwrap();
    world.clock.pass(Duration::from_secs(61)).await;
    let _ = session.tokens().await;
    session.settled().await;
    let after = session.tokens().await;
    assert!(matches!(after, Err(SessionError::Missing)), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_login_elsewhere_is_used_though_the_server_is_left_alone() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.server.answers_always(Some(slow_down()));
    assert!(session.tokens().await.is_err());
    world.session().save(&tokens("b", 9000)).await.unwrap();
    world.clock.pass(Duration::from_secs(61)).await;
    assert_eq!(got(session.tokens().await), "b-access");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_somebody_has_written_ends_within_a_day() {
    let world = World::after_login(tokens("a", 0)).await;
    let key = Key::new("alice");
    let entry = TokenStore::load(&*world.store, &key)
        .await
        .unwrap()
        .unwrap();
    let mut record = Record::decode(&entry.bytes).unwrap();
    record.refresh = Refresh::Failed {
        at: time::UtcDateTime::from_unix_timestamp(NOW).unwrap(),
        pause: Duration::MAX,
    };
    let forged = Entry::new(Revision::from_bytes([7; 16]), record.encode());
    let store = &*world.store;
    TokenStore::swap(store, &key, Some(entry.revision), Some(forged))
        .await
        .unwrap();
    let session = world.session();
    let refused = session.tokens().await;
    assert!(
        matches!(refused, Err(SessionError::NotBefore { .. })),
        "{refused:?}"
    );
    world.clock.pass(Duration::from_secs(24 * 3600 + 1)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_logout_takes_nothing_of_another_clients() {
    let world = World::after_login(tokens("a", 3600)).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let other = world
        .session_of("other")
        .on_event(move |event| told.lock().unwrap().push(event));
    for answer in [other.logout().await, other.forget().await] {
        let Err(SessionError::Record(RecordError::OtherClient)) = answer else {
            panic!("{answer:?}");
        };
    }
    assert!(!events.lock().unwrap().contains(&Event::LoggedOut));
    assert_eq!(got(world.session().tokens().await), "a-access");
}

#[tokio::test(start_paused = true)]
async fn a_logout_removes_what_nobody_can_read() {
    let world = World::after_login(tokens("a", 3600)).await;
    let key = Key::new("alice");
    let entry = TokenStore::load(&*world.store, &key)
        .await
        .unwrap()
        .unwrap();
    let garbage = Entry::new(Revision::from_bytes([7; 16]), b"garbage".to_vec());
    let store = &*world.store;
    TokenStore::swap(store, &key, Some(entry.revision), Some(garbage))
        .await
        .unwrap();
    let session = world.session();
    assert!(matches!(
        session.tokens().await,
        Err(SessionError::Record(RecordError::Corrupt))
    ));
    session.logout().await.unwrap();
    assert_eq!(TokenStore::load(store, &key).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_may_have_been_written_is_not_written_again_over_the_logout_after_it() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    world.store.next_swaps([Odd::ForgetsToAnswerUntilTheLogout]);
    let saved = session.save(&tokens("b", 3600)).await;
    assert!(matches!(saved, Err(SessionError::Store(_))), "{saved:?}");
    session.settled().await;
    assert_eq!(world.store.record("alice").await, None);
    let after = world.session().tokens().await;
    assert!(matches!(after, Err(SessionError::Missing)), "{after:?}");
}
