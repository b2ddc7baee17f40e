//! Many callers at once cause one request.

use std::time::Duration;

use hallpass_grant::Lost;
use hallpass_session::{Session, SessionError, Tokens};

use crate::support::{Answer, World, got, tokens};

/// What each of so many tasks got, all of which asked before anything was answered.
async fn ask(session: &Session, tasks: usize) -> Vec<Result<Tokens, SessionError>> {
    let ask = || {
        let session = session.clone();
        tokio::spawn(async move { session.tokens().await })
    };
    let asked: Vec<_> = (0..tasks).map(|_| ask()).collect();
    let mut heard = Vec::new();
    for task in asked {
        heard.push(task.await.unwrap());
    }
    heard
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_tasks_at_expiry_cause_one_request_and_get_the_same_token() {
    let world = World::after_login(tokens("a", 0)).await;
    for heard in ask(&world.session(), 10_000).await {
        assert_eq!(got(heard), "new-1-access");
    }
    assert_eq!(world.server.requests(), 1);
    let kept = world.session().load().await.unwrap().unwrap();
    assert_eq!(kept.access_token.expose_secret(), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn eight_calls_at_the_same_time_cause_one_request() {
    let world = World::after_login(tokens("a", 0)).await;
    let session = world.session();
    world.server.hold();
    let asked = tokio::spawn({
        let session = session.clone();
        async move { ask(&session, 7).await }
    });
    world.server.has_had(1).await;
    // Who comes while the request is on its way waits for the same answer.
    let (late, ()) = tokio::join!(session.tokens(), async { world.server.release() });
    assert_eq!(got(late), "new-1-access");
    for heard in asked.await.unwrap() {
        assert_eq!(got(heard), "new-1-access");
    }
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_cause_one_request_in_each_pause_of_a_server_that_is_down() {
    let world = World::after_login(tokens("a", 0)).await;
    world
        .server
        .answers_always(Some(Answer::Lost(Lost::NotSent)));
    let session = world.session();
    for heard in ask(&session, 1_000).await {
        assert!(matches!(heard, Err(SessionError::Provider(_))), "{heard:?}");
    }
    assert_eq!(world.server.requests(), 1);
    let began = tokio::time::Instant::now();
    let mut asked_at = vec![Duration::ZERO];
    while began.elapsed() < Duration::from_secs(600) {
        world.clock.pass(Duration::from_millis(100)).await;
        for heard in ask(&session, 50).await {
            assert!(heard.is_err(), "{heard:?}");
        }
        if world.server.requests() > asked_at.len() {
            asked_at.push(began.elapsed());
        }
        assert_eq!(world.server.requests(), asked_at.len());
    }
    let pauses = asked_at.windows(2).map(|pair| pair[1] - pair[0]);
    // One second first, twice as long each time, a minute at most, and up to half as long again; this test looks ten times a second.
    for (at, pause) in pauses.enumerate() {
        let least = Duration::from_secs((1 << at).min(60));
        assert!(pause >= least, "pause {at} is {pause:?}");
        assert!(
            pause <= least * 3 / 2 + Duration::from_millis(200),
            "{pause:?}"
        );
    }
    assert!((10..=20).contains(&asked_at.len()), "{}", asked_at.len());

    world.server.answers_always(None);
    world.clock.pass(Duration::from_secs(90)).await;
    assert_eq!(got(session.tokens().await), "new-1-access");
}

#[tokio::test(start_paused = true)]
async fn processes_that_share_the_store_cause_one_request() {
    let world = World::after_login(tokens("a", 0)).await;
    world.server.hold();
    let processes: Vec<_> = (0..64)
        .map(|_| {
            let session = world.session();
            tokio::spawn(async move { session.tokens().await })
        })
        .collect();
    world.server.has_had(1).await;
    world.clock.pass(Duration::from_secs(5)).await;
    world.server.release();
    for process in processes {
        assert_eq!(got(process.await.unwrap()), "new-1-access");
    }
    assert_eq!(world.server.requests(), 1);
}
