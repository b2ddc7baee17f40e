//! A token is refreshed ahead of its end, and used for as long as it is good.

use std::time::Duration;

use hallpass_grant::Lost;
use hallpass_grant::Response;
use hallpass_session::SessionError;

use crate::support::{Answer, World, answer, got, tokens};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn in_the_advisory_window_one_refreshes_and_everybody_uses_what_is_good() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.tokens().await), "a-access");
    world.clock.pass(56 * MINUTE).await;
    world.server.hold();
    for _ in 0..100 {
        assert_eq!(got(session.tokens().await), "a-access");
    }
    world.server.has_had(1).await;
    assert_eq!(got(session.tokens().await), "a-access");
    world.server.release();
    session.settled().await;
    assert_eq!(got(session.tokens().await), "new-1-access");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn in_the_mandatory_window_everybody_waits() {
    for left in [20 * SECOND, Duration::ZERO] {
        let world = World::after_login(tokens("a", 3600)).await;
        let session = world.session();
        assert_eq!(got(session.tokens().await), "a-access");
        world.clock.pass(60 * MINUTE - left).await;
        world.server.hold();
        let asked: Vec<_> = (0..100)
            .map(|_| {
                let session = session.clone();
                tokio::spawn(async move { session.tokens().await })
            })
            .collect();
        world.server.has_had(1).await;
        world.clock.pass(SECOND).await;
        assert!(asked.iter().all(|caller| !caller.is_finished()));
        world.server.release();
        for caller in asked {
            assert_eq!(got(caller.await.unwrap()), "new-1-access");
        }
        assert_eq!(world.server.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_around_the_advisory_window_is_no_error_and_no_storm() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.tokens().await), "a-access");
    // From fifteen minutes before its end to five seconds before it, of which the first ten are no concern.
    world.clock.pass(45 * MINUTE).await;
    world
        .server
        .answers_always(Some(Answer::Lost(Lost::NotSent)));
    for _ in 0..895 {
        world.clock.pass(SECOND).await;
        assert_eq!(got(session.tokens().await), "a-access");
    }
    session.settled().await;
    let requests = world.server.requests();
    // Pauses of 1, 2, 4, 8, 16, 32 and 60 seconds, and up to half as long again, in five or six minutes.
    assert!((7..=14).contains(&requests), "{requests}");

    // Once it has expired it is given to nobody.
    world.clock.pass(10 * SECOND).await;
    let failed = session.tokens().await;
    assert!(failed.is_err(), "{failed:?}");
    world.server.answers_always(None);
    world.clock.pass(90 * SECOND).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_be_left_alone_is_by_every_process() {
    let world = World::after_login(tokens("a", 0)).await;
    let busy = Response::new(429).with_header("retry-after", "120");
    world.server.answers([Answer::Response(busy)]);
    let session = world.session();
    let first = session.tokens().await;
    assert!(matches!(first, Err(SessionError::Provider(_))), "{first:?}");
    for _ in 0..119 {
        world.clock.pass(SECOND).await;
        assert!(session.tokens().await.is_err());
        let elsewhere = world.session().tokens().await;
        let Err(SessionError::NotBefore { after }) = elsewhere else {
            panic!("{elsewhere:?}");
        };
        assert!(after > Duration::ZERO && after <= 180 * SECOND);
    }
    assert_eq!(world.server.requests(), 1);
    world.clock.pass(61 * SECOND).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn a_short_lived_token_is_not_refreshed_at_every_use() {
    let world = World::after_login(tokens("a", 0)).await;
    let short = |name: &str| {
        let body = format!(
            r#"{{"access_token":"{name}-access","token_type":"bearer","expires_in":60,"refresh_token":"{name}-refresh"}}"#
        );
        answer(200, &body)
    };
    world.server.answers(["b", "c"].map(short));
    let session = world.session();
    for _ in 0..45 {
        assert_eq!(got(session.tokens().await), "b-access");
        world.clock.pass(SECOND).await;
    }
    assert_eq!(world.server.requests(), 1);
    assert_eq!(got(session.tokens().await), "b-access");
    session.settled().await;
    assert_eq!(got(session.tokens().await), "c-access");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_elsewhere_is_seen_within_a_minute() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    assert_eq!(got(session.tokens().await), "a-access");
    world.session().forget().await.unwrap();
    world.clock.pass(61 * SECOND).await;
    // Whoever comes first gets what was there, and has the store looked at.
    assert_eq!(got(session.tokens().await), "a-access");
    session.settled().await;
    let missing = session.tokens().await;
    assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
}
