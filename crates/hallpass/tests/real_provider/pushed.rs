//! Authorization requests that are pushed (RFC 9126).

use hallpass::{
    AuthorizationCode, Client, ErrorCode, ProviderError, SigningAlgorithm, SigningKeyName, TokenSet,
};

use crate::user_agent::Answer;
use crate::{KeyFile, credentials, dpop, finish, log_in, provider};

async fn log_in_pushed(client: &Client<AuthorizationCode>) -> Result<TokenSet, ProviderError> {
    let (url, pending) = client
        .push_authorization_request_with(|request| request.parameter("prompt", "consent"))
        .await?;
    assert!(
        !url.as_str().contains("scope"),
        "the browser carries a reference alone"
    );
    finish(client, url, pending, Answer::Allow).await
}

#[tokio::test]
async fn a_client_whose_requests_must_be_pushed_logs_in_by_pushing_alone() {
    let credentials = credentials("hallpass-par").with_client_secret("hallpass-par-secret");
    let client = provider().await.client(credentials);
    let tokens = log_in_pushed(&client).await.unwrap();
    assert!(tokens.refresh_token.is_some());

    let error = log_in(&client, Answer::Allow).await.unwrap_err();
    let code = error.refused().unwrap().code();
    assert_eq!(code, Some(&ErrorCode::INVALID_REQUEST));
}

#[tokio::test]
async fn a_client_pushes_however_it_proves_itself() {
    let key = SigningKeyName::new(SigningAlgorithm::Es256, "hallpass-key");
    let provider = provider().await.with_signer(KeyFile);
    for credentials in [
        credentials("hallpass-native").with_redirect_uri("http://127.0.0.1:51234/callback"),
        credentials("hallpass-post").with_client_secret_in_body("hallpass-post-secret"),
        credentials("hallpass-jwt").with_private_key(key),
        credentials("hallpass-dpop")
            .with_client_secret("hallpass-dpop-secret")
            .with_dpop(dpop::key()),
    ] {
        assert!(log_in_pushed(&provider.client(credentials)).await.is_ok());
    }
}

#[tokio::test]
async fn a_request_that_the_server_would_not_serve_is_refused_when_it_is_pushed() {
    let credentials = credentials("hallpass-par")
        .with_client_secret("hallpass-par-secret")
        .with_redirect_uri("https://other.example/callback");
    let client = provider().await.client(credentials);
    let error = client.push_authorization_request().await.unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(400));
}
