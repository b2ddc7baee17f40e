//! A program that acts for itself (RFC 6749 §4.4).

use hallpass::{ErrorCode, ErrorKind, Misuse, Recovery};
use hallpass_testkit::{Config, Endpoint, TestServer};

use crate::support::{active, call, code, provider, scopes, service, service_client, with_token};

#[tokio::test]
async fn a_service_gets_a_token_that_is_what_the_server_says_of_it() {
    let server = TestServer::start(Config::new());
    let client = provider(&server)
        .await
        .client(service().with_scopes(scopes("read")));
    let tokens = client.fetch_token().await.unwrap();
    assert_eq!(tokens.scopes, scopes("read"));
    assert!(tokens.refresh_token.is_none());

    let token = active(&server, &tokens).await;
    assert_eq!(token.client_id.as_deref(), Some("service"));
    assert_eq!(token.subject.as_deref(), Some("service"));
    assert_eq!(token.scopes, Some(scopes("read")));
    // The server's clock may have gone on between issuing and answering.
    let apart = token.expires_at.unwrap() - tokens.expires_at.unwrap();
    assert!(apart.whole_seconds().abs() <= 5, "{apart}");
    let client = with_token(&client, tokens);
    assert!(call(&server, &client).await.is_ok());
}

#[tokio::test]
async fn without_scopes_the_server_says_which_were_granted() {
    let server = TestServer::start(Config::new());
    let tokens = service_client(&server).await.fetch_token().await.unwrap();
    assert_eq!(tokens.scopes, scopes("read write"));
}

#[tokio::test]
async fn a_wrong_secret_and_a_scope_too_many_are_to_be_fixed() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    for (credentials, expected) in [
        (
            service().with_client_secret("wrong"),
            ErrorCode::INVALID_CLIENT,
        ),
        (
            service().with_scopes(scopes("read:pets")),
            ErrorCode::INVALID_SCOPE,
        ),
        (
            service()
                .with_client_id("oauthacg")
                .with_client_secret("acg-secret"),
            ErrorCode::UNAUTHORIZED_CLIENT,
        ),
    ] {
        let error = provider
            .client(credentials)
            .fetch_token()
            .await
            .unwrap_err();
        assert_eq!(code(&error), &expected);
        assert_eq!(error.recovery(), Recovery::Fix);
    }
}

#[tokio::test]
async fn a_service_with_nothing_to_prove_itself_with_sends_nothing() {
    let server = TestServer::start(Config::new());
    let credentials = hallpass::ClientCredentialsCredentials::new().with_client_id("service");
    let client = provider(&server).await.client(credentials);
    let error = client.fetch_token().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Misuse(Misuse::Missing(_))),
        "{error:?}"
    );
    assert!(server.requests_to(Endpoint::Token).is_empty());
}
