//! What an API is told of tokens (RFC 7662).

use std::time::Duration;

use hallpass::{
    AuthorizationCodeCredentials, ErrorCode, ErrorKind, Introspection, IssuedToken, Misuse,
    Recovery, RefreshToken,
};
use hallpass_testkit::{Body, Config, Endpoint, Fault, TestServer};

use crate::support::{
    active, code, code_client, introspect, log_in, provider, scopes, service, service_client,
};

#[tokio::test]
async fn an_api_is_told_whose_token_it_was_brought_and_what_for() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let tokens = log_in(&server, &client).await.unwrap();
    let token = active(&server, &tokens).await;
    assert_eq!(token.username.as_deref(), Some("alice"));
    assert_eq!(token.client_id.as_deref(), Some("oauthacg"));
    assert_eq!(token.token_type.as_deref(), Some("Bearer"));
    assert_eq!(token.issuer, Some(server.issuer()));
    assert_eq!(token.scopes, Some(scopes("file_requests.read")));
    let lifetime = token.expires_at.unwrap() - token.issued_at.unwrap();
    assert_eq!(lifetime.whole_seconds(), 3600);

    let refresh = tokens.refresh_token.as_ref().unwrap();
    let api = service_client(&server).await;
    let told = api.introspect(IssuedToken::Refresh(refresh)).await.unwrap();
    assert!(matches!(told, Introspection::Active(_)));
}

#[tokio::test]
async fn a_token_that_has_ended_or_never_was_is_inactive() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let tokens = log_in(&server, &client).await.unwrap();
    server.advance(Duration::from_secs(3600));
    assert_eq!(introspect(&server, &tokens).await, Introspection::Inactive);
    let unknown = RefreshToken::new("unknown").unwrap();
    let api = service_client(&server).await;
    let told = api.introspect(&unknown).await.unwrap();
    assert_eq!(told, Introspection::Inactive);
}

#[tokio::test]
async fn who_cannot_prove_itself_is_told_nothing() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let tokens = log_in(&server, &client).await.unwrap();
    let provider = provider(&server).await;
    let public = AuthorizationCodeCredentials::new().with_client_id("native");
    let public = provider.client(public);
    let error = public.introspect(&tokens.access_token).await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Misuse(Misuse::Missing(_))
    ));
    assert!(server.requests_to(Endpoint::Introspection).is_empty());

    let wrong = provider.client(service().with_client_secret("wrong"));
    let error = wrong.introspect(&tokens.access_token).await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_CLIENT);
}

#[tokio::test]
async fn nothing_but_true_makes_a_token_active() {
    let server = TestServer::start(Config::new());
    let client = service_client(&server).await;
    let tokens = client.fetch_token().await.unwrap();
    for body in ["{}", r#"{"active":"true"}"#, r#"{"active":1}"#, "[]", ""] {
        let body = Body::Json(body.to_owned());
        let fault = Fault::Body { status: 200, body };
        server.inject(fault.at(Endpoint::Introspection).once());
        let error = client.introspect(&tokens.access_token).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Violation(_)), "{error:?}");
        assert_eq!(error.recovery(), Recovery::Fail);
    }
    server.inject(Fault::LoseAnswer.at(Endpoint::Introspection).once());
    let error = client.introspect(&tokens.access_token).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Transport);
}
