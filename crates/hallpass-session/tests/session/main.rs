//! A session loads, uses, refreshes and saves; and loses nothing on the way.

mod support;

use std::time::Duration;

use hallpass_grant::{ErrorKind, Lost};
use hallpass_session::{RecordError, SessionError};
use hallpass_store::StoreErrorKind;

use support::{Answer, Odd, World, answer, client_of, refreshed, refreshed_for, tokens};

fn access(tokens: &hallpass_grant::token::TokenSet) -> &str {
    tokens.access_token.expose_secret()
}

#[tokio::test]
async fn nobody_has_logged_in_until_somebody_has() {
    let world = World::default();
    assert!(matches!(
        world.session().tokens().await,
        Err(SessionError::Missing)
    ));
    assert_eq!(world.session().load().await.unwrap(), None);
    world.session().save(&tokens("a", 60)).await.unwrap();
    assert_eq!(world.session().load().await.unwrap(), Some(tokens("a", 60)));
}

#[tokio::test]
async fn a_token_that_is_valid_is_used_without_a_request() {
    let world = World::default();
    world.session().save(&tokens("a", 60)).await.unwrap();
    assert_eq!(access(&world.session().tokens().await.unwrap()), "a-access");
    assert_eq!(world.requests(), 0);
}

#[tokio::test]
async fn a_token_that_has_expired_or_will_within_the_skew_is_refreshed_once_and_saved() {
    for (seconds, skew) in [(0, 0), (-5, 0), (3, 10)] {
        let world = World::new([refreshed("b")]);
        world.session().save(&tokens("a", seconds)).await.unwrap();
        let session = world.session().with_clock_skew(Duration::from_secs(skew));
        assert_eq!(access(&session.tokens().await.unwrap()), "b-access");
        // Another handle, as after a restart, finds what was saved.
        assert_eq!(access(&world.session().tokens().await.unwrap()), "b-access");
        assert_eq!(world.requests(), 1);
    }
}

#[tokio::test]
async fn an_outage_leaves_what_is_stored_as_it_is() {
    for outage in [
        answer(503, "<html>"),
        answer(429, r#"{"error":"slow_down"}"#),
        answer(400, r#"{"error":"invalid_client"}"#),
        Answer::Lost(Lost::NotSent),
        Answer::Lost(Lost::MaybeSent),
    ] {
        let world = World::new([outage]);
        world.session().save(&tokens("a", 0)).await.unwrap();
        assert!(matches!(
            world.session().tokens().await,
            Err(SessionError::Provider(_))
        ));
        assert_eq!(world.session().load().await.unwrap(), Some(tokens("a", 0)));
        assert_eq!(world.requests(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_told_as_in_doubt() {
    let world = World::new([Answer::Lost(Lost::MaybeSent)]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    let Err(SessionError::Provider(error)) = world.session().tokens().await else {
        panic!("no answer came");
    };
    assert_eq!(error.kind(), &ErrorKind::InDoubt);
}

#[tokio::test]
async fn only_invalid_grant_ends_a_session() {
    let world = World::new([answer(400, r#"{"error":"invalid_grant"}"#)]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    assert!(matches!(
        world.session().tokens().await,
        Err(SessionError::Provider(_))
    ));
    assert_eq!(world.session().load().await.unwrap(), None);
}

#[tokio::test]
async fn tokens_that_cannot_be_saved_are_handed_out_with_the_reason() {
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    world.next_swap(Odd::Fails);
    let Err(SessionError::NotSaved { tokens, source }) = world.session().tokens().await else {
        panic!("the store has failed");
    };
    assert_eq!(access(&tokens), "b-access");
    assert!(source.to_string().contains("the disk is full"));
    world.session().save(&tokens).await.unwrap();
    assert_eq!(access(&world.session().tokens().await.unwrap()), "b-access");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_looked_up_by_its_revision() {
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    world.next_swap(Odd::ForgetsToAnswer);
    assert_eq!(access(&world.session().tokens().await.unwrap()), "b-access");
}

#[tokio::test]
async fn a_holder_that_moved_on_meanwhile_is_followed() {
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    world.next_swap(Odd::Overtaken(Some(tokens("c", 60))));
    assert_eq!(access(&world.session().tokens().await.unwrap()), "c-access");
}

#[tokio::test]
async fn a_session_that_was_ended_during_a_refresh_stays_ended() {
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    world.next_swap(Odd::Overtaken(None));
    assert!(matches!(
        world.session().tokens().await,
        Err(SessionError::Missing)
    ));
    assert_eq!(world.session().load().await.unwrap(), None);
}

#[tokio::test]
async fn forgetting_leaves_nothing_and_can_be_done_twice() {
    let world = World::default();
    world.session().save(&tokens("a", 60)).await.unwrap();
    world.session().forget().await.unwrap();
    world.session().forget().await.unwrap();
    assert_eq!(world.session().load().await.unwrap(), None);
}

#[tokio::test]
async fn another_clients_session_is_refused_and_kept() {
    let world = World::default();
    world.session().save(&tokens("a", 60)).await.unwrap();
    let error = world.session_of("other").tokens().await.unwrap_err();
    assert!(matches!(
        error,
        SessionError::Record(RecordError::OtherClient)
    ));
    assert_eq!(access(&world.session().tokens().await.unwrap()), "a-access");
}

#[tokio::test]
async fn a_refresh_token_goes_to_no_other_servers_token_endpoint() {
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    let evil = client_of("client", "https://evil.example/token");
    let error = world.session_for(evil).tokens().await.unwrap_err();
    assert!(matches!(
        error,
        SessionError::Record(RecordError::OtherClient)
    ));
    assert_eq!(world.requests(), 0);
    assert_eq!(access(&world.session().tokens().await.unwrap()), "b-access");
}

#[tokio::test]
async fn a_write_that_others_always_come_before_is_given_up_as_busy() {
    let world = World::default();
    let session = world.session();
    session.save(&tokens("a", 60)).await.unwrap();
    world.next_swap(Odd::AlwaysOvertaken);
    for answer in [session.save(&tokens("b", 60)).await, session.forget().await] {
        let Err(SessionError::Store(error)) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(error.kind(), StoreErrorKind::Busy);
    }
    assert_eq!(access(&session.tokens().await.unwrap()), "a-access");
    let sleeps = world.clock.sleeps();
    let (of_save, of_forget) = sleeps.split_at(16);
    assert_eq!(of_save, of_forget);
    assert_eq!(of_save[..3], [1, 2, 4].map(Duration::from_millis));
    assert!(of_save.is_sorted() && of_save[15] <= Duration::from_millis(64));
}

#[tokio::test]
async fn a_server_whose_tokens_have_expired_when_they_come_is_asked_once_a_second() {
    for (lifetime, skew) in [(0, 0), (30, 60)] {
        let world = World::new(["b", "c"].map(|name| refreshed_for(name, lifetime)));
        let session = world.session().with_clock_skew(Duration::from_secs(skew));
        session.save(&tokens("a", 0)).await.unwrap();
        for _ in 0..50 {
            assert_eq!(access(&session.tokens().await.unwrap()), "b-access");
        }
        assert_eq!(world.requests(), 1);
        world.clock.set(1);
        for _ in 0..50 {
            assert_eq!(access(&session.tokens().await.unwrap()), "c-access");
        }
        assert_eq!(world.requests(), 2);
    }
}

#[tokio::test]
async fn who_asks_for_a_refresh_gets_one_though_the_last_was_a_moment_ago() {
    let world = World::new(["b", "c"].map(|name| refreshed_for(name, 0)));
    let session = world.session();
    session.save(&tokens("a", 0)).await.unwrap();
    assert_eq!(access(&session.refresh().await.unwrap()), "b-access");
    assert_eq!(access(&session.refresh().await.unwrap()), "c-access");
}

#[tokio::test]
async fn a_session_and_its_errors_cross_threads_and_show_no_secret() {
    fn check<T: Send + Sync>() {}
    check::<hallpass_session::Session>();
    check::<SessionError>();
    let world = World::new([refreshed("b")]);
    world.session().save(&tokens("a", 0)).await.unwrap();
    world.next_swap(Odd::Fails);
    let error = world.session().tokens().await.unwrap_err();
    let shown = format!("{:?} {error:?} {error}", world.session());
    assert!(
        !shown.contains("-access") && !shown.contains("-refresh"),
        "{shown}"
    );
}
