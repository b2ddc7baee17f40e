//! No tokens stay where nobody can log out.

use std::time::Duration;

use hallpass_testkit::{Endpoint, User};
use tokio::time;

use crate::site::{SESSION, Site};

#[tokio::test]
async fn of_two_tabs_that_come_back_at_once_one_login_stays_and_no_tokens_of_the_other() {
    let site = Site::open().await;
    let (mut alice, mut bob) = (site.browser(), site.browser());
    bob.logs_in_as(&User::bob()).await;
    // Nobody was logged in here, and then somebody.
    for _ in 0..2 {
        let revoked = site.server.requests_to(Endpoint::Revocation).len();
        let before = site.kept().await;
        let one = alice.comes_back_as(&User::alice()).await;
        let two = alice.comes_back_as(&User::alice()).await;
        let cookies = alice.cookies.header();
        let (one, two) = tokio::join!(
            site.answer_to(&one, cookies.as_bytes()),
            site.answer_to(&two, cookies.as_bytes()),
        );
        assert_eq!((one.location(), two.location()), ("/account", "/account"));
        assert_eq!(site.kept().await, 2);
        let ended = site.server.requests_to(Endpoint::Revocation).len() - revoked;
        assert_eq!(ended, before);

        let mut lasting = Vec::new();
        for page in [one, two] {
            let set = page.headers.get_all("set-cookie").iter().next_back();
            let session = set.unwrap().to_str().unwrap().split(';').next().unwrap();
            if site.answer_to("/account", session.as_bytes()).await.status == 200 {
                lasting.push(session.split_once('=').unwrap().1.to_owned());
            }
        }
        let [id] = lasting.as_slice() else {
            panic!("{} sessions", lasting.len());
        };
        alice.cookies.set(SESSION, id);
    }
    assert_eq!(alice.post("/logout").await.location(), "/");
    assert_eq!(site.kept().await, 1);
    assert_eq!(bob.get("/account").await.status, 200);
}

#[tokio::test]
async fn a_login_lasts_twelve_hours_and_its_tokens_are_revoked_when_the_next_user_comes() {
    let site = Site::open().await;
    let (mut alice, mut bob) = (site.browser(), site.browser());
    alice.logs_in_as(&User::alice()).await;
    let hour = Duration::from_secs(3600);
    pass(hour * 12 - Duration::from_secs(60)).await;
    assert_eq!(alice.get("/account").await.status, 200);
    pass(Duration::from_secs(61)).await;
    assert_eq!(alice.get("/account").await.status, 303);
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 0);

    bob.logs_in_as(&User::bob()).await;
    let revoked = async {
        while site.kept().await != 1 || site.server.requests_to(Endpoint::Revocation).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let bound = Duration::from_secs(10);
    time::timeout(bound, revoked).await.expect("it is revoked");
    assert_eq!(bob.get("/account").await.status, 200);
}

/// Only this clock is turned on, and runs again: the sockets are real.
async fn pass(duration: Duration) {
    time::pause();
    time::advance(duration).await;
    time::resume();
}
