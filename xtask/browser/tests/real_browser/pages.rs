//! Every page that a user sees, in light and dark, narrow and wide.

use browser::{Browser, Scripts, WebDriverResult};
use hallpass::ResponseMode;
use hallpass_testkit::{Config, Decision, NamedFault, TestServer, User};

use crate::{native::Native, site::Site};

#[tokio::test]
async fn a_page_that_is_not_fit_is_told() -> WebDriverResult<()> {
    let alice = Browser::open(Scripts::On).await;
    alice
        .goto("data:text/html,<p style='color:silver;width:2000px'>pale<input>")
        .await?;
    let faults = alice.faults().await?;
    let has = |words: &str| faults.iter().any(|fault| fault.contains(words));
    for words in [
        "its language",
        "no title",
        "not one heading",
        "which part is the main one",
        "a phone would show it small",
        "wide where there are",
        "nobody knows what to type",
        "\"pale\" stands out 1.8 to 1",
    ] {
        assert!(has(words), "{words}: {faults:?}");
    }
    alice.close().await.map(drop)
}

#[tokio::test]
async fn the_web_applications_pages_are_fit_to_be_read() -> WebDriverResult<()> {
    let (site, alice) = (Site::open().await, Browser::open(Scripts::On).await);
    for (path, name) in [
        ("/", "web-welcome"),
        ("/nothing", "web-not-found"),
        ("/logout", "web-no-link"),
        ("/callback?code=x&state=y", "web-stray"),
    ] {
        alice.goto(&site.url(path)).await?;
        alice.looks_at(name).await?;
    }
    alice.complaints().await?; // of 404, 405 and 400
    alice.goto(&site.url("/login")).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.denies().await?;
    alice.reads("You have not given access").await;
    alice.looks_at("web-denied").await?;
    alice.click("a.button").await?;
    alice.allows().await?;
    alice.reads("You are logged in as alice.").await;
    alice.looks_at("web-account").await?;
    alice.goto(&site.url("/")).await?;
    alice.looks_at("web-welcome-back").await?;
    alice.close().await.map(drop)
}

#[tokio::test]
async fn the_receivers_pages_are_fit_to_be_read() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let alice = Browser::open(Scripts::On).await;
    let native = Native::implicit(&server, ResponseMode::Fragment).await;
    for (path, name) in [
        ("", "receiver-empty"),
        ("/nothing", "receiver-nothing"),
        ("#access_token=x&state=y", "receiver-stray"),
    ] {
        alice
            .goto(&format!("{}{path}", native.redirect_uri))
            .await?;
        alice.looks_at(name).await?;
    }
    let allowed = |url: &str| server.consent(url, &User::alice(), &Decision::Allow);
    // From the same page with another fragment it would be no new page.
    alice.goto("about:blank").await?;
    alice.goto(&allowed(&native.url).unwrap()).await?;
    alice.reads("You are logged in").await;
    alice.looks_at("receiver-done").await?;

    let native = Native::implicit(&server, ResponseMode::Fragment).await;
    let denied = server.consent(&native.url, &User::alice(), &Decision::Deny);
    alice.goto(&denied.unwrap()).await?;
    alice.reads("the user said no").await;
    alice.looks_at("receiver-denied").await?;

    let native = Native::code(&server, ResponseMode::Query).await;
    let back = allowed(&native.url).unwrap();
    server.inject(NamedFault::NoAccessToken);
    alice.goto(&back).await?;
    alice.reads("The login failed").await;
    alice.looks_at("receiver-failed").await?;
    alice.close().await.map(drop)
}

#[tokio::test]
async fn pages_without_scripts_are_fit_to_be_read() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let alice = Browser::open(Scripts::Off).await;
    let native = Native::implicit(&server, ResponseMode::Fragment).await;
    let back = server.consent(&native.url, &User::alice(), &Decision::Allow);
    alice.goto(&back.unwrap()).await?;
    alice.looks_at("receiver-without-scripts").await?;

    let native = Native::code(&server, ResponseMode::FormPost).await;
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are being sent back").await;
    alice.looks_at("kit-form-post").await?;
    alice.close().await.map(drop)
}

#[tokio::test]
async fn the_test_kits_pages_are_fit_to_be_read() -> WebDriverResult<()> {
    let server = TestServer::start(Config::new().front_page(true));
    let alice = Browser::open(Scripts::On).await;
    let native = Native::code(&server, ResponseMode::Query).await;
    alice.goto(server.base_url()).await?;
    alice.looks_at("kit-front").await?;
    alice
        .goto(&format!(
            "{}?client_id=nobody",
            server.authorization_endpoint()
        ))
        .await?;
    alice.looks_at("kit-problem").await?;
    alice.goto(&native.url).await?;
    alice.looks_at("kit-login").await?;
    alice.type_into("#username", "alice").await?;
    alice.type_into("#password", "builder").await?;
    alice.click("button.main").await?;
    alice.reads("do not fit").await;
    alice.looks_at("kit-login-wrong").await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.looks_at("kit-consent").await?;
    alice
        .goto(&format!("{}/oauth/device", server.base_url()))
        .await?;
    alice.looks_at("kit-device").await?;
    alice.close().await.map(drop)
}
