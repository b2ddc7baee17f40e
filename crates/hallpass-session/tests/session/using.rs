//! What one caller does with a session.

use std::time::Duration;

use hallpass_grant::{ErrorKind, Lost, Violation};
use hallpass_session::{End, RecordError, SessionError};
use hallpass_store::StoreErrorKind;

use crate::support::{
    Answer, Odd, World, access, answer, client_of, got, refreshed, refreshed_for, tokens,
};

#[tokio::test(start_paused = true)]
async fn nobody_has_logged_in_until_somebody_has() {
    let world = World::default();
    let session = world.session();
    let missing = session.tokens().await;
    assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
    assert_eq!(session.load().await.unwrap(), None);
    session.save(&tokens("a", 60)).await.unwrap();
    assert_eq!(session.load().await.unwrap(), Some(tokens("a", 60)));
    assert_eq!(got(session.tokens().await), "a-access");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_valid_is_used_without_a_request() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    for _ in 0..3 {
        assert_eq!(got(session.tokens().await), "a-access");
    }
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_or_will_within_the_skew_is_refreshed_once_and_saved() {
    for (seconds, skew) in [(0, 0), (-5, 0), (3, 10)] {
        let world = World::after_login(tokens("a", seconds)).await;
        let session = world.session().with_clock_skew(Duration::from_secs(skew));
        assert_eq!(got(session.tokens().await), "new-1-access");
        // Another handle, as after a restart, finds what was saved.
        assert_eq!(got(world.session().tokens().await), "new-1-access");
        assert_eq!(world.server.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_had_expired_when_it_was_saved_is_refreshed_at_once() {
    let world = World::default();
    let session = world.session();
    session.save(&tokens("a", 0)).await.unwrap();
    assert_eq!(got(session.tokens().await), "new-1-access");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_leaves_the_tokens_as_they_are() {
    for outage in [
        answer(503, "<html>"),
        answer(429, r#"{"error":"slow_down"}"#),
        answer(400, r#"{"error":"invalid_client"}"#),
        Answer::Lost(Lost::NotSent),
        Answer::Lost(Lost::MaybeSent),
    ] {
        let world = World::after_login(tokens("a", 0)).await;
        world.server.answers([outage]);
        let failed = world.session().tokens().await;
        assert!(
            matches!(failed, Err(SessionError::Provider(_))),
            "{failed:?}"
        );
        let kept = world.session().load().await.unwrap();
        assert_eq!(kept, Some(tokens("a", 0)));
        assert_eq!(world.server.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn invalid_grant_ends_a_session_for_every_holder_until_somebody_logs_in_again() {
    let world = World::after_login(tokens("a", 0)).await;
    world
        .server
        .answers([answer(400, r#"{"error":"invalid_grant"}"#)]);
    let session = world.session();
    let Err(SessionError::Ended { how, source }) = session.tokens().await else {
        panic!("the refresh token is dead");
    };
    assert_eq!(how, End::Refused);
    assert!(source.unwrap().refused().is_some());
    let elsewhere = world.session().tokens().await;
    let Err(SessionError::Ended { how, source: None }) = elsewhere else {
        panic!("{elsewhere:?}");
    };
    assert_eq!(how, End::Refused);
    assert_eq!(world.server.requests(), 1);

    session.save(&tokens("b", 60)).await.unwrap();
    assert_eq!(got(session.tokens().await), "b-access");
    assert_eq!(got(world.session().tokens().await), "b-access");
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_looked_up_by_its_revision() {
    for odds in [
        vec![Odd::ForgetsToAnswer],
        vec![Odd::Not, Odd::ForgetsToAnswer],
    ] {
        let world = World::after_login(tokens("a", 0)).await;
        world.store.next_swaps(odds);
        let found = world.session().tokens().await.unwrap();
        assert_eq!(access(&found), "new-1-access");
        assert!(found.unsaved().is_none());
        assert_eq!(world.server.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_moved_on_meanwhile_is_followed() {
    for (odds, requests) in [
        (vec![Odd::Overtaken(tokens("c", 60))], 0),
        (vec![Odd::Not, Odd::Overtaken(tokens("c", 60))], 1),
    ] {
        let world = World::after_login(tokens("a", 0)).await;
        world.store.next_swaps(odds);
        assert_eq!(got(world.session().tokens().await), "c-access");
        assert_eq!(world.server.requests(), requests);
        assert_eq!(world.server.has_revoked(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_sibling_that_rotated_is_followed_when_the_server_says_invalid_grant() {
    let world = World::after_login(tokens("a", 0)).await;
    world.server.hold();
    let session = world.session();
    let asked = tokio::spawn({
        let session = session.clone();
        async move { session.tokens().await }
    });
    world.server.has_had(1).await;
    world.store.replace_with(tokens("c", 3600)).await;
    let dead = answer(400, r#"{"error":"invalid_grant"}"#);
    world.server.answers([dead]);
    world.server.release();
    assert_eq!(got(asked.await.unwrap()), "c-access");
    // Its own request may have been taken for theft.
    assert_eq!(world.store.record("alice").await.unwrap().doubt, 2);
}

#[tokio::test(start_paused = true)]
async fn forgetting_leaves_nothing_and_can_be_done_twice() {
    let world = World::default();
    let session = world.session();
    session.save(&tokens("a", 60)).await.unwrap();
    for _ in 0..2 {
        session.forget().await.unwrap();
        let missing = session.tokens().await;
        assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
    }
    assert_eq!(session.load().await.unwrap(), None);
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn logging_out_has_the_refresh_token_revoked() {
    let world = World::default();
    let session = world.session();
    session.save(&tokens("a", 60)).await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(session.load().await.unwrap(), None);
    assert_eq!(world.server.has_revoked(), ["a-refresh"]);
}

#[tokio::test(start_paused = true)]
async fn logging_out_leaves_nothing_though_the_server_cannot_be_reached() {
    let world = World::default();
    world
        .server
        .answers_always(Some(Answer::Lost(Lost::NotSent)));
    let session = world.session();
    session.save(&tokens("a", 60)).await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(session.load().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn another_clients_session_is_refused_and_kept() {
    let world = World::after_login(tokens("a", 3600)).await;
    let error = world.session_of("other").tokens().await.unwrap_err();
    let SessionError::Record(RecordError::OtherClient) = error else {
        panic!("{error:?}");
    };
    assert_eq!(got(world.session().tokens().await), "a-access");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_goes_to_no_other_servers_token_endpoint() {
    let world = World::after_login(tokens("a", 0)).await;
    let evil = client_of("client", "https://evil.example/token");
    let error = world.session_for(evil).tokens().await.unwrap_err();
    let SessionError::Record(RecordError::OtherClient) = error else {
        panic!("{error:?}");
    };
    assert_eq!(world.server.requests(), 0);
    assert_eq!(got(world.session().tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_others_always_come_before_is_given_up_as_busy() {
    let world = World::after_login(tokens("a", 3600)).await;
    world.store.all_swaps(Some(Odd::AlwaysOvertaken));
    let before = world.clock.sleeps().len();
    let session = world.session();
    for answer in [session.save(&tokens("b", 60)).await, session.forget().await] {
        let Err(SessionError::Store(error)) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(error.kind(), StoreErrorKind::Busy);
    }
    let mut sleeps = world.clock.sleeps().split_off(before);
    // The rest is how long each answer of the store is waited for at most.
    sleeps.retain(|sleep| *sleep < Duration::from_secs(1));
    let (of_save, of_forget) = sleeps.split_at(sleeps.len() / 2);
    assert_eq!(of_save, of_forget);
    assert_eq!(of_save.len(), 15);
    assert!(of_save.is_sorted() && of_save[14] <= Duration::from_millis(64));
    assert_eq!(got(session.tokens().await), "a-access");
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_tokens_have_expired_when_they_come_is_asked_once_a_second() {
    for (lifetime, skew) in [(0, 0), (30, 60)] {
        let world = World::after_login(tokens("a", 0)).await;
        world
            .server
            .answers(["b", "c"].map(|name| refreshed_for(name, lifetime)));
        let session = world.session().with_clock_skew(Duration::from_secs(skew));
        for _ in 0..50 {
            assert_eq!(got(session.tokens().await), "b-access");
        }
        assert_eq!(world.server.requests(), 1);
        world.clock.pass(Duration::from_secs(1)).await;
        for _ in 0..50 {
            assert_eq!(got(session.tokens().await), "c-access");
        }
        assert_eq!(world.server.requests(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_a_refresh_gets_one_though_the_last_was_a_moment_ago() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.refresh().await), "new-1-access");
    assert_eq!(got(session.refresh().await), "new-2-access");
    assert_eq!(got(session.tokens().await), "new-2-access");
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_refresh_token_leaves_the_old_one() {
    let world = World::after_login(tokens("a", 0)).await;
    let body = r#"{"access_token":"b-access","token_type":"bearer","expires_in":60}"#;
    world.server.answers([answer(200, body), refreshed("c")]);
    let session = world.session();
    let found = session.tokens().await.unwrap();
    assert_eq!(access(&found), "b-access");
    let kept = session.load().await.unwrap().unwrap();
    assert_eq!(kept.refresh_token, tokens("a", 0).refresh_token);
    assert_eq!(got(session.refresh().await), "c-access");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_id_token_is_about_somebody_else_is_not_used() {
    // {"alg":"none"}, and {"iss":"https://as.example","sub":…} of Alice and of Bob.
    const ALICE: &str =
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJzdWIiOiJhbGljZSJ9.";
    const BOB: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2FzLmV4YW1wbGUiLCJzdWIiOiJib2IifQ.";
    let about = |id_token: &str| {
        let set = r#"{"access_token":"new","token_type":"bearer","expires_in":60,"id_token":""#;
        answer(200, &format!("{set}{id_token}\"}}"))
    };
    let mut before = tokens("a", 0);
    before.id_token = Some(ALICE.into());
    let world = World::after_login(before.clone()).await;
    world.server.answers([about(BOB)]);
    let failed = world.session().tokens().await;
    let Err(SessionError::Provider(error)) = failed else {
        panic!("{failed:?}")
    };
    let expected = ErrorKind::Violation(Violation::OtherSubject);
    assert_eq!(*error.kind(), expected);
    assert_eq!(world.session().load().await.unwrap(), Some(before.clone()));

    let world = World::after_login(before).await;
    world.server.answers([about(ALICE)]);
    assert_eq!(got(world.session().tokens().await), "new");
}
