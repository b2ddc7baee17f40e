//! A token that an API refuses is refreshed once, whoever comes with it.

use std::time::Duration;

use hallpass_session::{Session, Tokens};

use crate::support::{World, access, got, tokens};

/// So many requests of an API with these tokens, all of which were answered with 401.
async fn refused(session: &Session, with: &Tokens, times: usize) -> Vec<String> {
    let report = || {
        let (session, refused) = (session.clone(), with.access_token.clone());
        tokio::spawn(async move { session.refused(&refused).await })
    };
    let reports: Vec<_> = (0..times).map(|_| report()).collect();
    let mut others = Vec::new();
    for report in reports {
        others.push(got(report.await.unwrap()));
    }
    others
}

#[tokio::test(start_paused = true)]
async fn five_stale_refusals_cost_one_refresh() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    let stale = session.tokens().await.unwrap();
    assert_eq!(refused(&session, &stale, 4).await, ["new-1-access"; 4]);
    // One more comes late, long after the others.
    world.clock.pass(Duration::from_secs(30)).await;
    assert_eq!(refused(&session, &stale, 1).await, ["new-1-access"]);
    assert_eq!(world.server.requests(), 1);
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_another_process_finds_what_was_refreshed_here() {
    let world = World::after_login(tokens("a", 3600)).await;
    let (here, there) = (world.session(), world.session());
    let stale = here.tokens().await.unwrap();
    assert_eq!(got(there.tokens().await), "a-access");
    assert_eq!(refused(&here, &stale, 1).await, ["new-1-access"]);
    assert_eq!(refused(&there, &stale, 5).await, ["new-1-access"; 5]);
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_refuses_everything_costs_one_refresh_in_ten_seconds() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    let mut used = session.tokens().await.unwrap();
    for _ in 0..100 {
        for _ in 0..10 {
            used = session.refused(&used.access_token).await.unwrap();
        }
        world.clock.pass(Duration::from_secs(1)).await;
    }
    let requests = world.server.requests();
    assert!((10..=11).contains(&requests), "{requests}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_what_this_session_never_had_costs_nothing() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.tokens().await), "a-access");
    let strange = tokens("strange", 3600).access_token;
    assert_eq!(got(session.refused(&strange).await), "a-access");
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn refused_tokens_that_cannot_be_refreshed_are_an_error_and_stay_what_is_used() {
    let world = World::default();
    let session = world.session();
    let mut alone = tokens("a", 3600);
    alone.refresh_token = None;
    session.save(&alone).await.unwrap();
    let found = session.tokens().await.unwrap();
    let error = session.refused(&found.access_token).await.unwrap_err();
    assert!(error.to_string().contains("refresh token"), "{error}");
    assert_eq!(access(&found), got(session.tokens().await));
    assert_eq!(world.server.requests(), 0);
}
