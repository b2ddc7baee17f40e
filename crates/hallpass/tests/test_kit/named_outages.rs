//! Token endpoints that are not there, as the application sees them.

use std::time::Duration;

use hallpass::driver::{Driver, ReqwestTransport, TokioRuntime};
use hallpass::{Issuer, Profile, Provider, TokenSet};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use crate::support::{log_in, native, provider, service, with_token};
use crate::table::{Outcome, check};

/// A login, of which a second exchange is asked.
async fn exchange(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(native());
    server.inject(fault);
    let outcome = log_in(&server, &client).await;
    assert_sent_once(&server, fault);
    outcome
}

async fn refresh(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(native());
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    server.with(|server| server.clear_journal());
    server.inject(fault);
    let outcome = client.refresh_token().await;
    assert_sent_once(&server, fault);
    outcome
}

async fn service_token(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_profile(profile);
    server.inject(fault);
    let outcome = provider.client(service()).fetch_token().await;
    assert_sent_once(&server, fault);
    outcome
}

/// A POST to the token endpoint is never sent twice behind the caller's back.
fn assert_sent_once(server: &TestServer, fault: NamedFault) {
    let sent = server.requests_to(Endpoint::Token).len();
    assert_eq!(sent, 1, "{}", fault.name());
}

#[tokio::test]
async fn what_may_have_spent_a_code_or_a_refresh_token_is_in_doubt() {
    let rows = [
        (
            NamedFault::TooManyRequests,
            "status 429, Retry after 1s",
            None,
        ),
        (NamedFault::BadGateway, "status 502, Retry", None),
        (NamedFault::Redirect307, "status 307, Fail", None),
        (NamedFault::CloseBeforeAnswer, "InDoubt, Reauthorize", None),
        (NamedFault::LoseAnswer, "InDoubt, Reauthorize", None),
        (NamedFault::EndlessBody, "InDoubt, Reauthorize", None),
        (NamedFault::GzipBomb, "InDoubt, Reauthorize", None),
    ];
    check(&rows, exchange).await;
    check(&rows, refresh).await;
}

#[tokio::test]
async fn a_services_request_spends_nothing_and_can_be_made_again() {
    let rows = [
        (
            NamedFault::TooManyRequests,
            "status 429, Retry after 1s",
            None,
        ),
        (NamedFault::BadGateway, "status 502, Retry", None),
        (NamedFault::Redirect307, "status 307, Fail", None),
        (NamedFault::CloseBeforeAnswer, "Transport, Retry", None),
        (NamedFault::LoseAnswer, "Transport, Retry", None),
        (NamedFault::EndlessBody, "Transport, Retry", None),
        (NamedFault::LoginUnlessAccepted, "ok", None),
    ];
    check(&rows, service_token).await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_a_while() {
    let server = TestServer::start(Config::new());
    let builder = ReqwestTransport::builder().with_timeout(Duration::from_millis(300));
    let driver = Driver::new(builder.build().unwrap(), TokioRuntime);
    let patient = provider(&server).await;
    let hurried = Provider::with_driver("OAuthACG", patient.server().clone(), driver);
    server.inject(NamedFault::Hang);
    let outcome = hurried.client(service()).fetch_token().await;
    assert_eq!(crate::table::seen(&outcome), "Transport, Retry");
    let outcome = log_in(&server, &hurried.client(native())).await;
    assert_eq!(crate::table::seen(&outcome), "InDoubt, Reauthorize");
}

#[tokio::test]
async fn a_server_that_is_not_there_has_spent_nothing() {
    let server = TestServer::start(Config::new());
    let client = provider(&server).await.client(native());
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    let issuer = server.issuer();
    drop(server);
    let outcome = client.refresh_token().await;
    assert_eq!(crate::table::seen(&outcome), "Transport, Retry");
    let cause = std::error::Error::source(outcome.as_ref().unwrap_err()).unwrap();
    assert!(cause.to_string().starts_with(&issuer), "{cause}");
    // Nobody is there to tell its metadata either; three attempts, without waiting for the clock.
    let transport = ReqwestTransport::new().unwrap();
    let gone = Driver::new(transport, Impatient);
    let issuer = Issuer::new(issuer).unwrap();
    let outcome = Provider::discover_with("OAuthACG", issuer, gone).await;
    assert_eq!(crate::table::seen(&outcome), "Transport, Retry");
}

/// Waits for nothing.
struct Impatient;

#[hallpass::driver::async_trait]
impl hallpass::driver::Runtime for Impatient {
    async fn sleep(&self, _: Duration) {}

    fn spawn(&self, _: hallpass::driver::Task) {}

    fn spawn_blocking(&self, _: hallpass::driver::Work) {}
}
