//! Logins by code, from consent to an authorised call and a refresh.

use hallpass::{AccessToken, ErrorCode, TokenSet, Violation};
use hallpass_testkit::{Config, Fault, TestServer};

use crate::support::{call, code, code_client, log_in, violation, with_token};

#[tokio::test]
async fn a_discovered_server_is_walked_from_consent_to_an_authorised_call_and_a_refresh() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let first = with_token(&client, log_in(&server, &client).await.unwrap());
    assert!(call(&server, &first).await.unwrap().contains("alice"));
    let second = with_token(&client, first.refresh_token().await.unwrap());
    assert!(call(&server, &second).await.unwrap().contains("alice"));

    // The first refresh token again: the server takes the whole family for stolen.
    let error = first.refresh_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_GRANT);
    assert!(call(&server, &second).await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn a_token_the_server_does_not_know_is_an_api_error_and_no_provider_error() {
    let server = TestServer::start(Config::new());
    let token = TokenSet::new(AccessToken::new("unknown").unwrap());
    let client = with_token(&code_client(&server).await, token);
    let error = call(&server, &client).await.unwrap_err();
    assert_eq!(error.error.as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn a_server_that_offers_only_plain_pkce_gets_no_login() {
    let server = TestServer::start(Config::new());
    server.inject(Fault::PkcePlainOnly);
    let error = code_client(&server).await.authorization_url().unwrap_err();
    assert_eq!(violation(&error), &Violation::PkceUnsupported);
}
