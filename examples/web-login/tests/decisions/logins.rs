//! Who is logged in, and who is not.

use std::time::Duration;

use axum::http::Request;
use hallpass_testkit::{Body, Decision, Endpoint, Fault, User};

use crate::site::{HOME, LOGIN, Page, SESSION, Site};

#[tokio::test]
async fn two_users_see_their_own_and_one_who_logs_out_takes_nobody_along() {
    let site = Site::open().await;
    let (mut alice, mut bob, mut nobody) = (site.browser(), site.browser(), site.browser());
    alice.logs_in_as(&User::alice()).await;
    bob.logs_in_as(&User::bob()).await;
    let hers = alice.get("/account").await;
    assert!(hers.status == 200 && hers.text.contains("<strong>alice</strong>"));
    let his = bob.get("/account").await;
    assert!(his.status == 200 && his.text.contains("<strong>bob</strong>"));
    assert_eq!(nobody.get("/account").await.status, 303);
    assert_eq!(site.kept().await, 2);

    let kept = alice.cookies.clone();
    assert_eq!(alice.post("/logout").await.location(), "/");
    assert!(alice.cookies.0.is_empty());
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    assert_eq!(site.kept().await, 1);
    // Her cookie is worth nothing any more, not even where somebody has kept it.
    alice.cookies = kept;
    assert_eq!(alice.get("/account").await.status, 303);
    assert_eq!(bob.get("/account").await.status, 200);
}

#[tokio::test]
async fn an_answer_brought_by_another_browser_is_refused_and_costs_nobody_a_login() {
    let site = Site::open().await;
    let (mut alice, mut mallory) = (site.browser(), site.browser());
    let hers = alice.comes_back_as(&User::alice()).await;
    let forged = mallory.comes_back_as(&User::bob()).await;
    for (browser, answer) in [(&mut alice, &forged), (&mut mallory, &hers)] {
        assert_eq!(browser.get(answer).await.status, 400);
    }
    assert_eq!(site.browser().get(&hers).await.status, 400);
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
    assert_eq!(alice.get(&hers).await.location(), "/account");
}

#[tokio::test]
async fn a_callback_is_taken_once() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice.comes_back_as(&User::alice()).await;
    let before = alice.cookies.clone();
    assert_eq!(alice.get(&back).await.status, 303);
    assert_eq!(alice.logins(), 0);
    assert_eq!(alice.get(&back).await.status, 400);
    // Also with the cookie that was taken away.
    alice.cookies.0.extend(before.0);
    assert_eq!(alice.get(&back).await.status, 400);
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 1);
    assert_eq!(alice.get("/account").await.status, 200);
}

#[tokio::test]
async fn an_id_that_was_planted_is_never_taken_over() {
    let site = Site::open().await;
    let planted = "p".repeat(43);
    let (mut alice, mut thief) = (site.browser(), site.browser());
    for browser in [&mut alice, &mut thief] {
        browser.cookies.set(SESSION, &planted);
    }
    alice.logs_in_as(&User::alice()).await;
    assert_ne!(&alice.cookies[SESSION], planted);
    assert_eq!(thief.get("/account").await.status, 303);
}

#[tokio::test]
async fn a_second_login_has_another_id_and_ends_the_first() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let first = alice.cookies.clone();
    alice.logs_in_as(&User::bob()).await;
    assert_ne!(&alice.cookies[SESSION], &first[SESSION]);
    assert!(alice.get("/account").await.text.contains("bob"));
    assert_eq!(site.kept().await, 1);
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    alice.cookies = first;
    assert_eq!(alice.get("/account").await.status, 303);
}

#[tokio::test]
async fn several_tabs_log_in_at_once_and_each_goes_on_where_it_began() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let mut backs = Vec::new();
    for tab in 1..=3 {
        let here = format!("/account?tab={tab}");
        let login = alice.get(&here).await.location().to_owned();
        let back = alice
            .comes_back_from(&login, &User::alice(), &Decision::Allow)
            .await;
        backs.push((here, back));
    }
    assert_eq!(alice.logins(), 3);
    for (here, back) in backs.iter().rev() {
        assert_eq!(alice.get(back).await.location(), here);
    }
    assert_eq!(alice.logins(), 0);
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn logins_that_nobody_finishes_do_not_fill_the_browser_and_only_the_oldest_is_given_up() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let mut backs = Vec::new();
    for begun in 1..=20 {
        backs.push(alice.comes_back_as(&User::alice()).await);
        assert_eq!(alice.logins(), begun.min(8));
    }
    let (given_up, kept) = backs.split_at(12);
    for back in given_up {
        assert_eq!(alice.get(back).await.status, 400);
    }
    for back in kept {
        assert_eq!(alice.get(back).await.location(), "/account");
    }
}

#[tokio::test]
async fn a_login_is_kept_for_ten_minutes_and_a_session_until_the_browser_is_closed() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let set = |page: Page| page.headers["set-cookie"].to_str().unwrap().to_owned();
    let login = set(alice.get("/login").await);
    assert!(
        login.starts_with(LOGIN) && login.ends_with("; Max-Age=600"),
        "{login}"
    );
    let back = alice.comes_back_as(&User::alice()).await;
    let page = alice.get(&back).await;
    let mut cookies = page.headers.get_all("set-cookie").iter();
    let session = cookies.next_back().unwrap().to_str().unwrap();
    assert!(
        session.starts_with(SESSION) && !session.contains("Max-Age"),
        "{session}"
    );
}

#[tokio::test]
async fn a_login_leads_nowhere_but_home() {
    let site = Site::open().await;
    let mut alice = site.browser();
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/login",
        "/./login",
        "/x/%252e%252e/logout",
    ] {
        let login = format!("/login?return_to={elsewhere}");
        let back = alice
            .comes_back_from(&login, &User::alice(), &Decision::Allow)
            .await;
        assert_eq!(alice.get(&back).await.location(), "/account", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_login_is_ended_by_our_own_form_alone() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    assert_eq!(alice.get("/logout").await.status, 405);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x", "y"),
    ] {
        let forged = alice
            .send(Request::post("/logout").header(name, value))
            .await;
        assert_eq!(forged.status, 403, "{name}: {value}");
    }
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 0);
    assert_eq!(alice.get("/account").await.status, 200);
    // A browser that does not know `Sec-Fetch-Site`.
    let own = alice
        .send(Request::post("/logout").header("origin", HOME))
        .await;
    assert_eq!(own.location(), "/");
    assert_eq!(alice.get("/account").await.status, 303);
}

#[tokio::test]
async fn who_has_said_no_is_told_so_and_may_try_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice
        .comes_back_from(
            "/login?return_to=/account?tab=2",
            &User::alice(),
            &Decision::Deny,
        )
        .await;
    let page = alice.get(&back).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("You have not given access"));
    assert!(
        page.text.contains("/login?return_to=%2Faccount%3Ftab%3D2"),
        "{}",
        page.text
    );
    assert_eq!((alice.cookies.0.len(), site.kept().await), (0, 0));
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_refreshed_and_a_login_that_is_over_is_begun_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    // Over for the API, which knows the time better, and not for us.
    site.server.advance(Duration::from_secs(3601));
    assert_eq!(alice.get("/account").await.status, 200);
    assert_eq!(site.server.with(|server| server.refreshes()), 1);

    site.server.with(|server| server.revoke_everything());
    let page = alice.get("/account?tab=2").await;
    assert_eq!(page.location(), "/login?return_to=%2Faccount%3Ftab%3D2");
    assert_eq!((alice.cookies.0.len(), site.kept().await), (0, 0));
}

#[tokio::test]
async fn the_api_is_not_asked_again_with_the_token_that_it_has_refused() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let refused = || {
        let body = Body::Empty;
        Fault::Body { status: 401, body }
            .at(Endpoint::Resource)
            .times(1)
    };
    site.server.inject(refused());
    assert_eq!(alice.get("/account").await.status, 200);
    assert_eq!(site.server.requests_to(Endpoint::Resource).len(), 2);
    // There is no other token so soon after.
    site.server.inject(refused());
    assert_eq!(alice.get("/account").await.status, 303);
    assert_eq!(site.server.requests_to(Endpoint::Resource).len(), 3);
}
