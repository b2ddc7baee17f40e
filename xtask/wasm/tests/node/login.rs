//! Whole logins against the test kit, with the facade, a session, and nothing but `fetch`.

use std::sync::Arc;

use hallpass::driver::{Driver, FetchTransport, Transport};
use hallpass::grant::Request;
use hallpass::store::MemoryStore;
use hallpass::token::TokenType;
use hallpass::{
    AccessToken, AuthorizationCodeCredentials, ClientCredentialsCredentials, Endpoint, ErrorKind,
    Issuer, Key, Provider, Scopes, Violation, openid,
};
use wasm_bindgen::prelude::*;

const REDIRECT_URI: &str = "http://127.0.0.1/callback";

async fn provider(testkit: &str) -> Provider {
    let issuer = Issuer::new(testkit).unwrap();
    let found = Provider::discover_with("testkit", issuer, Driver::browser()).await;
    found.unwrap()
}

fn native(id: &str, scopes: &str) -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id(id)
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(Scopes::parse(scopes).unwrap())
}

/// Where the user's browser is sent once she has allowed. Node.js shows a redirect for what it is.
async fn consent(url: &str) -> String {
    let request = Request::get(Endpoint::new(url).unwrap());
    let response = FetchTransport::new().send(request).await.unwrap();
    response.header("location").unwrap().to_owned()
}

async fn status_of_a_call(testkit: &str, token: &AccessToken) -> u16 {
    let request = Request::get(Endpoint::new(format!("{testkit}/resource")).unwrap());
    let request = request.with_access_token(TokenType::Bearer, token);
    FetchTransport::new().send(request).await.unwrap().status()
}

#[wasm_bindgen]
pub async fn a_login_by_pkce_is_walked_from_discovery_to_a_logout(testkit: String) {
    let client = provider(&testkit)
        .await
        .client(native("native", "read write"));
    let (url, pending) = client.authorization_url().unwrap();
    let callback = consent(url.as_str()).await;
    let tokens = client.fetch_token(pending, &*callback).await.unwrap();

    let session = client
        .session(Arc::new(MemoryStore::new()), Key::new("alice"))
        .unwrap();
    session.save(&tokens).await.unwrap();
    let first = session.tokens().await.unwrap();
    assert_eq!(status_of_a_call(&testkit, &first.access_token).await, 200);

    let second = session.refresh().await.unwrap();
    assert_ne!(first.access_token, second.access_token);
    assert_eq!(status_of_a_call(&testkit, &second.access_token).await, 200);

    session.logout().await.unwrap();
    session.settled().await;
    assert_eq!(status_of_a_call(&testkit, &second.access_token).await, 401);
}

#[wasm_bindgen]
pub async fn who_has_logged_in_is_verified_with_the_providers_keys(testkit: String) {
    let credentials = native("openid-native", "openid email");
    let client = openid::Client::discover_with(&testkit, credentials, Driver::browser());
    let client = client.await.unwrap();
    let (url, login) = client.authorization_url().unwrap();
    let callback = consent(url.as_str()).await;
    let user = client.authenticate(login, &*callback).await.unwrap();
    assert_eq!(user.id_token.issuer(), testkit);
    assert_eq!(user.id_token.subject(), "alice");
}

#[wasm_bindgen]
pub async fn an_altered_state_costs_the_login_before_anything_is_sent(testkit: String) {
    let client = provider(&testkit).await.client(native("native", "read"));
    let (url, pending) = client.authorization_url().unwrap();
    let callback = consent(url.as_str()).await.replace("state=", "state=x");
    let error = client.fetch_token(pending, &*callback).await.unwrap_err();
    let kind = error.kind();
    assert!(
        matches!(kind, ErrorKind::Violation(Violation::StateMismatch)),
        "{kind:?}"
    );
}

#[wasm_bindgen]
pub async fn a_program_acts_for_itself_and_a_wrong_secret_is_refused(testkit: String) {
    let credentials = |secret: &str| {
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret(secret)
    };
    let provider = provider(&testkit).await;
    let tokens = provider.client(credentials("service-secret"));
    let tokens = tokens.fetch_token().await.unwrap();
    assert_eq!(status_of_a_call(&testkit, &tokens.access_token).await, 200);

    let refused = provider.client(credentials("wrong"));
    let refused = refused.fetch_token().await.unwrap_err();
    assert_eq!(refused.refused().unwrap().status(), Some(401));
}
