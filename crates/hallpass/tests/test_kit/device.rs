//! Logins of a program that has no browser (RFC 8628).

use std::sync::Arc;
use std::time::Duration;

use hallpass::{
    Client, Device, DeviceAuthorization, DeviceCredentials, ErrorCode, ErrorKind, Misuse, Profile,
    ProviderError, Recovery,
};
use hallpass_testkit::{Config, Decision, Endpoint, Fault, NamedFault, TestServer, User};

use crate::support::{Clock, active, call, code, provider_at, scopes, with_token};

fn credentials() -> DeviceCredentials {
    DeviceCredentials::new()
        .with_client_id("device")
        .with_scopes(scopes("read"))
}

fn start(config: Config) -> Arc<TestServer> {
    Arc::new(TestServer::start(config))
}

async fn begin(clock: &Clock) -> (Client<Device>, DeviceAuthorization) {
    let client = provider_at(clock.clone()).await.client(credentials());
    let device = client.begin_device().await.unwrap();
    (client, device)
}

/// The user answers with this code, which they read off the device.
fn answer(
    device: &DeviceAuthorization,
    decision: Decision,
) -> impl FnOnce(&TestServer) + Send + 'static {
    let user_code = device.user_code.clone();
    move |server| {
        server
            .approve_device(&user_code, &User::alice(), &decision)
            .unwrap();
    }
}

fn nothing(_: &TestServer) {}

fn is_expired(error: &ProviderError) -> bool {
    error.kind() == &ErrorKind::Expired("the user code")
        && error.recovery() == Recovery::Reauthorize
}

#[tokio::test]
async fn a_user_who_allows_after_a_while_gives_the_device_its_tokens() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    let clock = clock
        .then(nothing)
        .then(nothing)
        .then(answer(&device, Decision::Allow));
    let tokens = client.fetch_token(&device).await.unwrap();
    assert_eq!(clock.waits(), [5, 5, 5]);
    let token = active(&server, &tokens).await;
    assert_eq!(token.username.as_deref(), Some("alice"));
    assert_eq!(token.scopes, Some(scopes("read")));
    let client = with_token(&client, tokens);
    let client = with_token(&client, client.refresh_token().await.unwrap());
    assert!(call(&server, &client).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn a_user_may_follow_the_complete_address() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    let complete = device.verification_uri_complete.as_ref().unwrap();
    server
        .approve_device(complete.as_str(), &User::bob(), &Decision::Allow)
        .unwrap();
    let tokens = client.fetch_token(&device).await.unwrap();
    assert_eq!(
        active(&server, &tokens).await.username.as_deref(),
        Some("bob")
    );
}

#[tokio::test]
async fn a_user_who_says_no_leaves_the_device_with_access_denied() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    let clock = clock.then(answer(&device, Decision::Deny));
    let error = client.fetch_token(&device).await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::ACCESS_DENIED);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    assert_eq!(clock.waits(), [5]);
}

#[tokio::test]
async fn a_device_that_nobody_answers_asks_until_its_codes_end_and_no_longer() {
    let server = start(Config::new().device_code_lifetime(Duration::from_secs(23)));
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    let error = client.fetch_token(&device).await.unwrap_err();
    assert!(is_expired(&error), "{error:?}");
    let waited: u64 = clock.waits().iter().sum();
    assert!((22..=24).contains(&waited), "{:?}", clock.waits());
    assert!(server.requests_to(Endpoint::Token).len() <= 4);
}

#[tokio::test]
async fn a_device_whose_codes_end_early_at_the_server_is_told() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    // The server forgets sooner than it said.
    server.inject(
        Fault::TokenError {
            error: "expired_token".into(),
            description: String::new(),
        }
        .once(),
    );
    let error = client.fetch_token(&device).await.unwrap_err();
    assert!(is_expired(&error), "{error:?}");
}

#[tokio::test]
async fn each_slow_down_makes_every_later_wait_five_seconds_longer() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    for _ in 0..2 {
        server.inject(
            Fault::TokenError {
                error: "slow_down".into(),
                description: String::new(),
            }
            .once(),
        );
    }
    let clock = clock
        .then(nothing)
        .then(nothing)
        .then(nothing)
        .then(answer(&device, Decision::Allow));
    assert!(client.fetch_token(&device).await.is_ok());
    assert_eq!(clock.waits(), [5, 10, 15, 15]);
}

#[tokio::test]
async fn a_server_that_finds_its_own_interval_too_short_is_asked_less_often() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let (client, device) = begin(&clock).await;
    // From now on the server wants more than the five seconds that it told this device.
    let polled_again = |server: &TestServer| {
        let sent = server.requests_to(Endpoint::Token).pop().unwrap();
        let now = server.now();
        server.with(|server| server.respond(&sent, now));
    };
    let clock = clock
        .then(nothing)
        .then(polled_again)
        .then(nothing)
        .then(answer(&device, Decision::Allow));
    assert!(client.fetch_token(&device).await.is_ok());
    assert_eq!(clock.waits(), [5, 5, 10, 10]);
}

#[tokio::test]
async fn a_program_that_is_started_again_goes_on_where_it_was() {
    let server = start(Config::new());
    let first = Clock::new(&server);
    let (_, device) = begin(&first).await;
    let stored = serde_json::to_string(&device).unwrap();

    // Another process: nothing is left of the first but what it stored.
    let clock = Clock::new(&server);
    let again: DeviceAuthorization = serde_json::from_str(&stored).unwrap();
    assert_eq!(again.user_code, device.user_code);
    let client = provider_at(clock.clone()).await.client(credentials());
    let clock = clock.then(answer(&again, Decision::Allow));
    assert!(client.fetch_token(&again).await.is_ok());
    // It does not know when the first asked last, so that it waits first.
    assert_eq!(clock.waits(), [5]);

    let other = provider_at(Clock::new(&server)).await;
    let other = other.client(credentials().with_client_id("native"));
    let error = other.fetch_token(&again).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Misuse(Misuse::OtherClient));
}

#[tokio::test]
async fn what_servers_do_to_a_waiting_device_slows_it_down_at_most() {
    // The waits before the poll at which the user has allowed.
    for (fault, expected) in [
        (NamedFault::PendingUnauthorized, [5, 5, 5]),
        (NamedFault::ErrorFormEncoded400, [5, 0, 0]),
        (NamedFault::TooManyRequests, [5, 10, 15]),
        (NamedFault::BadGateway, [5, 10, 15]),
        (NamedFault::CloseBeforeAnswer, [5, 10, 20]),
        (NamedFault::EndlessBody, [5, 10, 20]),
    ] {
        let server = start(Config::new());
        let clock = Clock::new(&server);
        let (client, device) = begin(&clock).await;
        server.inject(fault);
        let clock = clock
            .then(nothing)
            .then(nothing)
            .then(|server| server.heal())
            .then(answer(&device, Decision::Allow));
        let outcome = client.fetch_token(&device).await;
        if fault == NamedFault::ErrorFormEncoded400 {
            // What is said in a form is not read without a profile that says so.
            assert_eq!(outcome.unwrap_err().recovery(), Recovery::Fail);
        } else {
            assert!(outcome.is_ok(), "{}: {outcome:?}", fault.name());
        }
        let waits = clock.waits();
        let expected: Vec<u64> = expected.into_iter().filter(|wait| *wait > 0).collect();
        assert!(waits.starts_with(&expected), "{}: {waits:?}", fault.name());
    }
}

#[tokio::test]
async fn a_pending_that_comes_in_a_form_is_read_where_the_profile_says_so() {
    let server = start(Config::new());
    let clock = Clock::new(&server);
    let mut profile = Profile::STRICT;
    profile.answer = hallpass::grant::AnswerForm::JsonOrForm;
    let provider = provider_at(clock.clone()).await.with_profile(profile);
    let client = provider.client(credentials());
    let device = client.begin_device().await.unwrap();
    server.inject(NamedFault::ErrorFormEncoded400);
    let clock = clock.then(nothing).then(answer(&device, Decision::Allow));
    assert!(client.fetch_token(&device).await.is_ok());
    assert_eq!(clock.waits(), [5, 5]);
}

#[tokio::test]
async fn a_device_waits_five_seconds_where_nothing_was_said_and_one_at_least() {
    for (fault, expected) in [
        (NamedFault::DeviceNoInterval, 5),
        (NamedFault::DeviceIntervalZero, 1),
    ] {
        let server = start(Config::new());
        server.inject(fault);
        let clock = Clock::new(&server);
        let (client, device) = begin(&clock).await;
        let clock = clock.then(answer(&device, Decision::Allow));
        assert!(client.fetch_token(&device).await.is_ok());
        assert_eq!(clock.waits(), [expected], "{}", fault.name());
    }
}
