//! Clocks that jump cause no storm.

use std::time::Duration;

use crate::support::{World, got, refreshed_for, tokens};

const TEN_YEARS: i64 = 10 * 365 * 24 * 60 * 60;

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_ten_years_causes_one_request_at_each_jump() {
    let world = World::after_login(tokens("a", 3600)).await;
    let session = world.session();
    for (jump, most) in [
        (0, 0),
        (TEN_YEARS, 1),
        (-TEN_YEARS, 2),
        (-TEN_YEARS, 3),
        (TEN_YEARS, 4),
    ] {
        world.clock.jump(jump);
        for _ in 0..60 {
            for _ in 0..10 {
                assert!(session.tokens().await.is_ok());
            }
            world.clock.pass(Duration::from_secs(1)).await;
        }
        session.settled().await;
        let requests = world.server.requests();
        assert!(requests <= most, "{requests} requests after {jump} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_remembered_for_ten_years() {
    for jump in [TEN_YEARS, -TEN_YEARS] {
        let world = World::after_login(tokens("a", 0)).await;
        let lost = hallpass_grant::Lost::NotSent;
        world
            .server
            .answers([crate::support::Answer::Lost(lost), refreshed_for("b", 3600)]);
        let session = world.session();
        assert!(session.tokens().await.is_err());
        world.clock.jump(jump);
        for _ in 0..50 {
            assert!(jump < 0 || session.tokens().await.is_err());
        }
        assert_eq!(world.server.requests(), 1);
        world.clock.pass(Duration::from_secs(2)).await;
        let heard = got(session.refresh().await);
        assert_eq!(heard, "b-access");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_was_suspended_with_a_claim_does_not_send_what_another_has_spent() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.server.hold();
    let asked = session.clone();
    let asked = tokio::spawn(async move { asked.tokens().await });
    world.server.has_had(1).await;
    // The steady clock stands still, the wall clock has gone on.
    world.clock.jump(3600);
    world.server.release();
    assert_eq!(got(asked.await.unwrap()), "new-1-access");
    assert_eq!(world.server.requests(), 1);
}
