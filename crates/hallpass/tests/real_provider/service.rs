//! A program that acts for itself (RFC 6749 §4.4), and what an API is told of its tokens (RFC 7662, RFC 8707).

use hallpass::{
    Client, ClientCredentials, ClientCredentialsCredentials, ErrorCode, Introspection,
    ProviderError, Scopes, SigningAlgorithm, SigningKeyName, TokenSet,
};

use crate::{KeyFile, provider};

/// What the API is told of a token.
pub(crate) async fn introspect(tokens: &TokenSet) -> Introspection {
    let api = provider().await.client(
        ClientCredentialsCredentials::new()
            .with_client_id("hallpass-api")
            .with_client_secret("hallpass-api-secret"),
    );
    api.introspect(&tokens.access_token).await.unwrap()
}

fn credentials(scopes: &str) -> ClientCredentialsCredentials {
    ClientCredentialsCredentials::new()
        .with_client_id("hallpass-service")
        .with_client_secret("hallpass-service-secret")
        .with_scopes(Scopes::parse(scopes).unwrap())
}

async fn service(credentials: ClientCredentialsCredentials) -> Client<ClientCredentials> {
    provider().await.client(credentials)
}

fn code(error: &ProviderError) -> Option<&ErrorCode> {
    error.refused().unwrap().code()
}

#[tokio::test]
async fn a_service_gets_a_token_for_itself_until_it_gives_it_back() {
    let client = service(credentials("api:read")).await;
    let tokens = client.fetch_token().await.unwrap();
    assert!(tokens.refresh_token.is_none());
    let Introspection::Active(token) = introspect(&tokens).await else {
        panic!("a token that has just come is active");
    };
    assert_eq!(token.client_id.as_deref(), Some("hallpass-service"));
    assert_eq!(token.scopes, Some(Scopes::parse("api:read").unwrap()));
    assert_eq!(token.expires_at, tokens.expires_at);

    let client = client.clone_with(|credentials| credentials.with_token(tokens.clone()));
    client.revoke_token().await.unwrap();
    assert_eq!(introspect(&tokens).await, Introspection::Inactive);
    // RFC 7009 §2.2: that it is gone already is no error.
    client.revoke_token().await.unwrap();
}

#[tokio::test]
async fn a_service_proves_itself_with_a_key() {
    let key = SigningKeyName::new(SigningAlgorithm::Es256, "hallpass-key");
    let client = provider().await.with_signer(KeyFile).client(
        ClientCredentialsCredentials::new()
            .with_client_id("hallpass-service-jwt")
            .with_private_key(key),
    );
    assert!(client.fetch_token().await.is_ok());
}

#[tokio::test]
async fn a_token_is_for_the_resource_that_was_named() {
    let at = |resource| service(credentials("api:read").with_resource(resource));
    let opaque = at("https://api.example/opaque")
        .await
        .fetch_token()
        .await
        .unwrap();
    let Introspection::Active(token) = introspect(&opaque).await else {
        panic!("a token that has just come is active");
    };
    assert_eq!(token.audiences, ["https://api.example/opaque"]);

    let jwt = at("https://api.example/jwt").await;
    let tokens = jwt.fetch_token().await.unwrap();
    assert_eq!(tokens.access_token.expose_secret().split('.').count(), 3);
    let jwt = jwt.clone_with(|credentials| credentials.with_token(tokens));
    let error = jwt.revoke_token().await.unwrap_err();
    assert_eq!(code(&error).unwrap().as_str(), "unsupported_token_type");

    let error = at("https://other.example/")
        .await
        .fetch_token()
        .await
        .unwrap_err();
    assert_eq!(code(&error).unwrap().as_str(), "invalid_target");
}

#[tokio::test]
async fn a_scope_that_a_service_may_not_have_is_invalid_scope() {
    let error = service(credentials("openid"))
        .await
        .fetch_token()
        .await
        .unwrap_err();
    assert_eq!(code(&error), Some(&ErrorCode::INVALID_SCOPE));
}
