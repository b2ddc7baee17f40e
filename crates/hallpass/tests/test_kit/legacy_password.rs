//! The password grant, for servers that have nothing else (RFC 6749 §4.3).

use hallpass::{ErrorCode, ErrorKind, LegacyPasswordCredentials, Misuse, Recovery};
use hallpass_testkit::{Config, Endpoint, TestServer, User};

use crate::support::{active, call, code, provider, scopes, with_token};

fn confidential() -> LegacyPasswordCredentials {
    LegacyPasswordCredentials::new()
        .with_client_id("service")
        .with_client_secret("service-secret")
        .with_scopes(scopes("read"))
}

fn public() -> LegacyPasswordCredentials {
    LegacyPasswordCredentials::new()
        .with_client_id("terminal")
        .with_scopes(scopes("read"))
}

#[tokio::test]
async fn a_confidential_and_a_public_client_get_the_users_tokens_and_refresh_them() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    for credentials in [confidential(), public()] {
        let client = provider.client(credentials.with_user("alice", "wonderland"));
        let tokens = client.fetch_token().await.unwrap();
        let token = active(&server, &tokens).await;
        assert_eq!(token.username.as_deref(), Some("alice"));
        assert_eq!(token.scopes, Some(scopes("read")));
        let client = with_token(&client, tokens);
        let client = with_token(&client, client.refresh_token().await.unwrap());
        assert!(call(&server, &client).await.unwrap().contains("alice"));
    }
    let sent = server.requests_to(Endpoint::Token);
    let is_basic = |at: usize| sent[at].header("authorization").is_some();
    assert_eq!([0, 1, 2, 3].map(is_basic), [true, true, false, false]);
    assert_eq!(
        sent[2].form_parameter("client_id").as_deref(),
        Some("terminal")
    );
}

#[tokio::test]
async fn every_character_of_a_name_and_a_password_arrives() {
    let user = User::new("u n&é", "p&w=+% ü");
    let server = TestServer::start(Config::new().user(user));
    let client = provider(&server)
        .await
        .client(public().with_user("u n&é", "p&w=+% ü"));
    assert!(client.fetch_token().await.is_ok());
}

#[tokio::test]
async fn a_wrong_password_is_the_users_to_mend_and_a_missing_user_the_programs() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let wrong = provider.client(public().with_user("alice", "canary"));
    let error = wrong.fetch_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_GRANT);
    assert_eq!(error.recovery(), Recovery::Reauthorize);

    let nobody = provider.client(public()).fetch_token().await.unwrap_err();
    assert_eq!(
        nobody.kind(),
        &ErrorKind::Misuse(Misuse::Missing("username"))
    );
    assert_eq!(server.requests_to(Endpoint::Token).len(), 1);
}
