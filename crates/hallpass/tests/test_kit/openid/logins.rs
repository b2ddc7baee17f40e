//! Logins with each response type, and what follows one.

use std::sync::Arc;
use std::time::Duration;

use hallpass::openid::{
    Code, CodeIdToken, CodeIdTokenToken, CodeToken, IdToken, IdTokenToken, ResponseType,
};
use hallpass::{ProviderError, ResponseMode};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use super::{discovered, log_in, server_with, told};
use crate::support::scopes;

async fn subject<R: ResponseType>() -> Result<String, ProviderError> {
    let server = Arc::new(TestServer::start(Config::new()));
    let client = discovered(&server).await?;
    let max_age = Duration::from_secs(3600);
    let user = log_in::<R>(&server, &client, |request| request.max_age(max_age)).await?;
    assert_eq!(user.id_token.issuer(), server.issuer());
    assert!(user.id_token.auth_time().is_some());
    Ok(user.id_token.subject().to_owned())
}

#[tokio::test]
async fn every_response_type_says_who_has_logged_in() {
    for subject in [
        subject::<Code>().await,
        subject::<CodeIdToken>().await,
        subject::<CodeToken>().await,
        subject::<CodeIdTokenToken>().await,
        subject::<IdToken>().await,
        subject::<IdTokenToken>().await,
    ] {
        assert_eq!(subject.unwrap(), "alice");
    }
}

#[tokio::test]
async fn the_keys_are_fetched_once_for_many_logins() {
    let server = Arc::new(TestServer::start(Config::new()));
    let client = discovered(&server).await.unwrap();
    for _ in 0..3 {
        log_in::<Code>(&server, &client, |request| request)
            .await
            .unwrap();
    }
    let fetched = server.requests_to(Endpoint::Jwks).len();
    assert_eq!(fetched, 1);
}

#[tokio::test]
async fn a_login_in_the_front_channel_never_asks_for_a_query() {
    let server = Arc::new(TestServer::start(Config::new()));
    let client = discovered(&server).await.unwrap();
    let in_query = client.authorization_url_with::<CodeIdToken>(|request| {
        request.response_mode(ResponseMode::Query)
    });
    assert!(in_query.is_err());
}

#[tokio::test]
async fn after_a_login_more_is_asked_and_tokens_are_refreshed_about_the_same_user() {
    let server = Arc::new(TestServer::start(Config::new()));
    let client = discovered(&server).await.unwrap();
    let asked = scopes("openid email offline_access");
    let user = log_in::<Code>(&server, &client, |request| request.scopes(asked));
    let user = user.await.unwrap();
    let info = client.user_info(&user.tokens, &user.id_token).await;
    let standard = info.unwrap().standard().unwrap();
    assert_eq!(
        (standard.sub.as_str(), standard.email.is_some()),
        ("alice", true)
    );

    let refreshed = client.refresh(&user.tokens, &user.id_token).await.unwrap();
    assert_ne!(refreshed.tokens.access_token, user.tokens.access_token);
    server.inject(NamedFault::RefreshedIdTokenSub);
    let other = client.refresh(&refreshed.tokens, &refreshed.id_token).await;
    assert_eq!(told(&other), "other_subject");
}

#[tokio::test]
async fn what_is_wrong_in_front_is_named_before_the_code_goes_anywhere() {
    for (fault, expected) in [
        (NamedFault::CHashWrong, "c_hash"),
        (NamedFault::IdTokenNonceWrong, "nonce"),
        (NamedFault::IdTokenNone, "unsigned"),
    ] {
        let server = server_with(fault);
        let client = discovered(&server).await.unwrap();
        let outcome = log_in::<CodeIdTokenToken>(&server, &client, |request| request).await;
        assert_eq!(told(&outcome), expected);
        assert_eq!(server.requests_to(Endpoint::Token).len(), 0);
    }
}
