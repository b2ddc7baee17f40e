//! Logins with each response type, as they should be.

use std::sync::Arc;
use std::time::Duration;

use hallpass::openid::{
    Code, CodeIdToken, CodeIdTokenToken, CodeToken, IdToken, IdTokenToken, ResponseType,
};
use hallpass::{ProviderError, ResponseMode};
use hallpass_testkit::{Config, TestServer};

use super::{discovered, log_in};

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
    let fetched = server.requests_to(hallpass_testkit::Endpoint::Jwks).len();
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
