//! The web application of `examples/web-login`.

use axum::{Router, response::Html, routing::get};
use browser::{Browser, SameSite, Scripts, WebDriverResult};
use hallpass_testkit::{Decision, Endpoint, User};
use tokio::net::TcpListener;

use crate::site::Site;

#[tokio::test]
async fn a_user_logs_in_sees_a_page_of_her_own_and_logs_out() -> WebDriverResult<()> {
    let (site, alice) = (Site::open().await, Browser::open(Scripts::On).await);
    alice.goto(&site.url("/account?tab=2")).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in as alice.").await;
    assert_eq!(alice.address().await?, site.url("/account?tab=2"));
    // No code is left anywhere that the button leads back to.
    for address in alice.history().await? {
        assert!(!address.contains("code="), "{address}");
    }

    alice.click("form[action='/logout'] button").await?;
    alice.reads("until you log in").await;
    assert_eq!(alice.address().await?, site.url("/"));
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    alice.back().await?;
    alice.reads("Allow access?").await;
    assert_eq!(alice.complaints().await?, [""; 0]);
    alice.close().await.map(drop)
}

#[tokio::test]
async fn on_https_a_browser_takes_the_cookies_with_every_guard() -> WebDriverResult<()> {
    let (site, address) = Site::open_behind_tls().await;
    let alice = Browser::open_where("app.example:443", address).await;
    alice.goto(&site.url("/account")).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in as alice.").await;
    let cookies = alice.cookies().await?;
    let [cookie] = cookies.as_slice() else {
        panic!("{cookies:?}");
    };
    assert_eq!(cookie.name, "__Host-session");
    assert_eq!(
        (cookie.secure, &cookie.same_site),
        (Some(true), &Some(SameSite::Lax))
    );
    let seen = alice.run("return document.cookie").await?;
    assert_eq!(seen, serde_json::json!(""));

    alice.click("form[action='/logout'] button").await?;
    alice.reads("until you log in").await;
    assert_eq!(alice.cookies().await?.len(), 0);
    alice.back().await?;
    alice.reads("Allow access?").await;
    alice.close().await.map(drop)
}

#[tokio::test]
async fn two_users_in_two_browsers_see_their_own() -> WebDriverResult<()> {
    let (site, alice, bob) = (
        Site::open().await,
        Browser::open(Scripts::On).await,
        Browser::open(Scripts::On).await,
    );
    for (browser, name, password) in [(&alice, "alice", "wonderland"), (&bob, "bob", "builder")] {
        browser.goto(&site.url("/login")).await?;
        browser.logs_in_as(name, password).await?;
    }
    alice.allows().await?;
    bob.allows().await?;
    alice.reads("You are logged in as alice.").await;
    bob.reads("You are logged in as bob.").await;

    alice.click("form[action='/logout'] button").await?;
    alice.reads("until you log in").await;
    bob.reload().await?;
    bob.reads("You are logged in as bob.").await;
    alice.close().await?;
    bob.close().await.map(drop)
}

#[tokio::test]
async fn a_login_that_one_browser_has_begun_is_not_finished_in_another() -> WebDriverResult<()> {
    let (site, alice, mallory) = (
        Site::open().await,
        Browser::open(Scripts::On).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&site.url("/login")).await?;
    let asked = alice.address().await?;
    let answer = site
        .server
        .consent(&asked, &User::alice(), &Decision::Allow);
    let answer = answer.unwrap();
    mallory.goto(&answer).await?;
    mallory.reads("This login cannot be finished here").await;
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);

    alice.goto(&answer).await?;
    alice.reads("You are logged in as alice.").await;
    mallory.goto(&site.url("/account")).await?;
    mallory.reads("wants to use your account").await;
    alice.close().await?;
    mallory.close().await.map(drop)
}

/// Another program on this machine: another origin, and yet the same site, so that `SameSite` does not keep the cookie back.
#[tokio::test]
async fn a_page_of_another_program_on_this_machine_logs_nobody_out() -> WebDriverResult<()> {
    let (site, alice) = (Site::open().await, Browser::open(Scripts::On).await);
    let page = format!(
        "<form method=post action={}><button>Win</button></form>",
        site.url("/logout")
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let evil = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(async || Html(page)));
    tokio::spawn(async move { axum::serve(listener, router).await });

    alice.goto(&site.url("/login")).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in as alice.").await;
    alice.goto(&evil).await?;
    alice.click("button").await?;
    alice.reads("This came from another site").await;
    alice.looks_at("web-another-site").await?;
    alice.goto(&site.url("/account")).await?;
    alice.reads("You are logged in as alice.").await;
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 0);
    alice.close().await.map(drop)
}
