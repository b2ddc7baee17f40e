//! The tutorial's login: a token in the fragment, relayed by the receiver's page.

use browser::{Browser, Scripts, Sent, WebDriverResult};
use hallpass::{ErrorCode, ResponseMode};
use hallpass_testkit::TestServer;

use crate::native::Native;

#[tokio::test]
async fn the_tutorial_whole() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::implicit(&server, ResponseMode::Fragment).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    let tokens = native.ended().await.unwrap();
    let token = tokens.access_token.expose_secret();

    let says = native.calls(&server, &tokens).await.unwrap();
    assert!(says.contains("alice") && says.contains("Hello."), "{says}");
    server.with(|server| server.revoke_everything());
    let refused = native.calls(&server, &tokens).await.unwrap_err();
    assert!(refused.is_unauthorized(), "{refused}");

    let sent = alice.sent().await?;
    // It was in the fragment of a redirect; so far the log sees what there is to see.
    assert!(sent.iter().any(|sent| sent.fragment.contains(token)));
    for Sent { url, referrer, .. } in &sent {
        assert!(!url.contains(token) && !referrer.contains(token), "{url}");
    }
    for request in server.requests() {
        assert!(!request.target.contains(token));
    }
    for address in alice.history().await? {
        assert!(!address.contains(token), "{address}");
    }
    assert_eq!(alice.address().await?, native.redirect_uri);
    assert_eq!(
        alice.run("return history.state").await?,
        serde_json::Value::Null
    );
    assert!(!alice.source().await?.contains(token));
    let complaints = alice.complaints().await?;
    // The page says 404, so that it is not listed among those that were visited; and what had its port before is cleared.
    let is_meant = |text: &&String| {
        !text.contains("status of 404") && !text.contains("Clear-Site-Data header on")
    };
    let others = complaints.iter().filter(is_meant);
    assert_eq!(others.count(), 0, "{complaints:?}");
    // Which addresses it was sent to a browser writes down before any script runs. Nothing else on the disk has the token.
    for file in alice.close().await?.files_with(token).unwrap() {
        let is_known = ADDRESSES.iter().any(|known| file.starts_with(known));
        assert!(is_known, "{}", file.display());
    }
    Ok(())
}

/// Where this browser keeps the addresses that it was sent to.
const ADDRESSES: &[&str] = &[
    "Default/History",
    "Default/Sessions",
    "segmentation_platform",
];

#[tokio::test]
async fn a_token_in_a_form_is_in_no_address_and_no_history_on_the_disk() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::implicit(&server, ResponseMode::FormPost).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    let tokens = native.ended().await.unwrap();
    let token = tokens.access_token.expose_secret();
    native.calls(&server, &tokens).await.unwrap();
    for Sent { url, fragment, .. } in alice.sent().await? {
        assert!(!url.contains(token) && !fragment.contains(token), "{url}");
    }
    for file in alice.close().await?.files_with(token).unwrap() {
        // What was posted is kept for opening the tabs again.
        assert!(file.starts_with("Default/Sessions"), "{}", file.display());
    }
    Ok(())
}

#[tokio::test]
async fn a_denial_is_told_on_the_page_and_typed_in_the_program() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::implicit(&server, ResponseMode::Fragment).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.denies().await?;
    alice.reads("the user said no").await;
    let error = native.ended().await.unwrap_err();
    let code = error.refused().and_then(|refused| refused.code());
    assert_eq!(code, Some(&ErrorCode::ACCESS_DENIED));
    alice.close().await.map(drop)
}

#[tokio::test]
async fn without_scripts_the_page_says_what_to_do_and_sends_nothing() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (native, alice) = (
        Native::implicit(&server, ResponseMode::Fragment).await,
        Browser::open(Scripts::Off).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice
        .reads("This page needs JavaScript to hand the answer to Photo Printer")
        .await;
    alice.reads("load the page again").await;
    assert!(native.waits());
    let sent = alice.sent().await?;
    let posts = sent
        .iter()
        .filter(|sent| sent.is_post_to(&native.redirect_uri));
    assert_eq!(posts.count(), 0);
    assert!(sent.iter().all(|sent| !sent.url.contains("access_token")));
    alice.close().await.map(drop)
}

#[tokio::test]
async fn reload_and_back_and_forward_send_nothing_twice() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::implicit(&server, ResponseMode::Fragment).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    native.ended().await.unwrap();
    // Nobody waits there any more.
    let _ = alice.reload().await;
    alice.back().await?;
    alice.reads("Allow access?").await;
    let _ = alice.forward().await;
    let sent = alice.sent().await?;
    let posts = sent
        .iter()
        .filter(|sent| sent.is_post_to(&native.redirect_uri));
    assert_eq!(posts.count(), 1);
    for Sent { url, fragment, .. } in sent.iter().rev().take(3) {
        assert!(
            !url.contains("token") && fragment.is_empty(),
            "{url}#{fragment}"
        );
    }
    alice.close().await.map(drop)
}
