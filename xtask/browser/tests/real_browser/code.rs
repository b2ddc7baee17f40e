//! A code, in the query and in a form that the browser posts.

use browser::{Browser, Scripts, WebDriverResult};
use hallpass::ResponseMode;
use hallpass_testkit::{Endpoint, TestServer};

use crate::native::Native;

#[tokio::test]
async fn a_code_in_the_query_is_taken_out_of_the_address_and_the_history() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::code(&server, ResponseMode::Query).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    let tokens = native.ended().await.unwrap();
    let says = native.calls(&server, &tokens).await.unwrap();
    assert!(says.contains("alice"), "{says}");
    assert_eq!(alice.address().await?, native.redirect_uri);
    for address in alice.history().await? {
        assert!(!address.contains("code="), "{address}");
    }
    // No other page was told of it.
    let sent = alice.sent().await?;
    assert!(sent.iter().all(|sent| !sent.referrer.contains("code=")));
    alice.close().await.map(drop)
}

#[tokio::test]
async fn a_code_in_a_form_is_in_no_address_at_all() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::code(&server, ResponseMode::FormPost).await,
        Browser::open(Scripts::On).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    let tokens = native.ended().await.unwrap();
    let says = native.calls(&server, &tokens).await.unwrap();
    assert!(says.contains("alice"), "{says}");
    let sent = alice.sent().await?;
    let posts = sent
        .iter()
        .filter(|sent| sent.is_post_to(&native.redirect_uri));
    assert_eq!(posts.count(), 1);
    assert!(sent.iter().all(|sent| !sent.url.contains("code=")));
    for address in alice.history().await? {
        assert!(!address.contains("code="), "{address}");
    }
    alice.close().await.map(drop)
}

#[tokio::test]
async fn without_scripts_the_user_posts_the_form_by_hand() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let (mut native, alice) = (
        Native::code(&server, ResponseMode::FormPost).await,
        Browser::open(Scripts::Off).await,
    );
    alice.goto(&native.url).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are being sent back").await;
    assert!(native.waits());
    alice.click("button.main").await?;
    alice.reads("You are logged in").await;
    native.ended().await.unwrap();
    assert_eq!(server.requests_to(Endpoint::Token).len(), 1);
    alice.close().await.map(drop)
}
