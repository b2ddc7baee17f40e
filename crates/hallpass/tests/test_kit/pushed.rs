//! Authorization requests that are pushed (RFC 9126).

use std::sync::Arc;
use std::time::Duration;

use hallpass::{AuthorizationCodeCredentials, ErrorCode, ErrorKind, Misuse, Recovery, TokenSet};
use hallpass_testkit::{
    Config, ConsentError, Decision, Endpoint, Fault, NamedFault, TestServer, User,
};

use crate::support::{
    REDIRECT_URI, call, code, code_client, consent, native, oauthacg, provider, scopes, test_key,
    with_token,
};

async fn log_in(server: &TestServer, credentials: AuthorizationCodeCredentials) -> TokenSet {
    let client = provider(server).await.client(credentials);
    let (url, pending) = client.push_authorization_request().await.unwrap();
    let callback = consent(server, url.as_str());
    client
        .fetch_token(pending, callback.as_str())
        .await
        .unwrap()
}

fn names(query: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, _)| name.into_owned()).collect()
}

#[tokio::test]
async fn where_the_metadata_demands_it_a_url_says_to_push_and_a_pushed_login_goes_through() {
    let config = Config::new().require_pushed_authorization_requests(true);
    let server = TestServer::start(config);
    let client = code_client(&server).await;
    let error = client.authorization_url().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Misuse(Misuse::PushRequired));
    assert!(server.requests_to(Endpoint::Authorization).is_empty());

    let (url, pending) = client.push_authorization_request().await.unwrap();
    let (_, query) = url.as_str().split_once('?').unwrap();
    assert_eq!(names(query), ["client_id", "request_uri"]);
    let callback = consent(&server, url.as_str());
    let tokens = client
        .fetch_token(pending, callback.as_str())
        .await
        .unwrap();
    let client = with_token(&client, tokens);
    assert!(call(&server, &client).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn a_client_pushes_however_it_proves_itself() {
    let server = TestServer::start(Config::new());
    let jwt = AuthorizationCodeCredentials::new()
        .with_client_id("jwt")
        .with_private_key(test_key())
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(scopes("read"));
    let body = AuthorizationCodeCredentials::new()
        .with_client_id("oauthacg")
        .with_client_secret_in_body("acg-secret")
        .with_redirect_uri(REDIRECT_URI);
    for credentials in [native(), oauthacg(), body, jwt] {
        log_in(&server, credentials).await;
    }
}

#[tokio::test]
async fn a_reference_that_has_ended_is_the_browsers_page_and_a_new_one_is_good() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let (url, _) = client.push_authorization_request().await.unwrap();
    server.advance(Duration::from_secs(61));
    let page = server.consent(url.as_str(), &User::alice(), &Decision::Allow);
    assert!(matches!(page, Err(ConsentError::Page { .. })), "{page:?}");

    let (url, pending) = client.push_authorization_request().await.unwrap();
    let callback = consent(&server, url.as_str());
    assert!(client.fetch_token(pending, callback.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_reference_that_ends_at_once_is_told_before_the_browser_is_sent() {
    let config = Config::new().pushed_request_lifetime(Duration::ZERO);
    let server = TestServer::start(config);
    let client = code_client(&server).await;
    let error = client.push_authorization_request().await.unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Expired("the pushed authorization request")
    );
    assert_eq!(error.recovery(), Recovery::Reauthorize);
}

#[tokio::test]
async fn a_second_visit_ends_at_a_page_and_the_first_login_is_not_touched() {
    let server = Arc::new(TestServer::start(Config::new()));
    let client = code_client(&server).await;
    let (url, pending) = client.push_authorization_request().await.unwrap();
    let callback = consent(&server, url.as_str());
    let again = server.consent(url.as_str(), &User::bob(), &Decision::Allow);
    assert!(matches!(again, Err(ConsentError::Page { .. })), "{again:?}");
    assert!(client.fetch_token(pending, callback.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_reference_that_a_link_preview_has_used_up_is_a_page_and_pushing_again_helps() {
    let server = TestServer::start(Config::new());
    server.inject(NamedFault::PushedRequestOnce);
    let client = code_client(&server).await;
    let (url, _) = client.push_authorization_request().await.unwrap();
    assert!(
        crate::support::http()
            .get(url.as_str())
            .send()
            .await
            .is_ok()
    );
    let page = server.consent(url.as_str(), &User::alice(), &Decision::Allow);
    assert!(matches!(page, Err(ConsentError::Page { .. })), "{page:?}");

    let (url, pending) = client.push_authorization_request().await.unwrap();
    let callback = consent(&server, url.as_str());
    assert!(client.fetch_token(pending, callback.as_str()).await.is_ok());
}

#[tokio::test]
async fn what_the_server_would_not_serve_is_refused_when_it_is_pushed() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let wrong_uri = oauthacg().with_redirect_uri("https://evil.example/");
    let wrong_scope = oauthacg().with_scopes(scopes("read"));
    let wrong_secret = oauthacg().with_client_secret("wrong");
    for (credentials, expected) in [
        (wrong_uri, ErrorCode::INVALID_REQUEST),
        (wrong_scope, ErrorCode::INVALID_SCOPE),
        (wrong_secret, ErrorCode::INVALID_CLIENT),
    ] {
        let client = provider.client(credentials);
        let error = client.push_authorization_request().await.unwrap_err();
        assert_eq!(code(&error), &expected);
        assert_eq!(error.recovery(), Recovery::Fix);
    }
}

#[tokio::test]
async fn an_endpoint_for_pushed_requests_that_fails_leaves_nothing_begun() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let at = Endpoint::PushedAuthorizationRequest;
    for (injection, kind) in [
        (Fault::CloseBeforeAnswer.at(at), "Transport"),
        (Fault::LoseAnswer.at(at), "Transport"),
        (Fault::EndlessBody.at(at), "Transport"),
        (Fault::TooManyRequests { retry_after: 7 }.at(at), "Refused"),
        (Fault::ContentType("text/html".into()).at(at), "Violation"),
    ] {
        server.inject(injection.clone().once());
        let error = client.push_authorization_request().await.unwrap_err();
        let shown = format!("{:?}", error.kind());
        assert!(shown.starts_with(kind), "{injection:?}: {shown}");
        assert!(client.push_authorization_request().await.is_ok());
    }
}
