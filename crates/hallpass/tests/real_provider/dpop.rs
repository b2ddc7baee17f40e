//! Tokens that are bound to a key (RFC 9449). The provider wants nonces in the proofs.

use hallpass::token::{Json, TokenType};
use hallpass::{
    ApiError, AuthorizationCode, AuthorizeError, Client, ClientCredentialsCredentials, DpopKey,
    ErrorCode, Introspection, SigningAlgorithm, SigningKeyName,
};

use crate::user_agent::{self, Answer};
use crate::{KeyFile, credentials, log_in, provider, service, user_info_endpoint, variable};

const NATIVE_REDIRECT_URI: &str = "http://127.0.0.1:51234/callback";

/// The public half of the key that [`KeyFile`] signs with. Each has nonces of its own.
pub(crate) fn key() -> DpopKey {
    let file = variable("HALLPASS_PROVIDER_KEY") + ".jwk";
    let name = SigningKeyName::new(SigningAlgorithm::Es256, "hallpass-key");
    DpopKey::new(name, &std::fs::read_to_string(file).unwrap()).unwrap()
}

async fn confidential() -> Client<AuthorizationCode> {
    let credentials = credentials("hallpass-dpop").with_client_secret("hallpass-dpop-secret");
    provider()
        .await
        .with_signer(KeyFile)
        .client(credentials.with_dpop(key()))
}

async fn native() -> Client<AuthorizationCode> {
    let credentials = credentials("hallpass-dpop-native").with_redirect_uri(NATIVE_REDIRECT_URI);
    provider()
        .await
        .with_signer(KeyFile)
        .client(credentials.with_dpop(key()))
}

async fn user_info(client: &Client<AuthorizationCode>) -> Result<String, ApiError> {
    user_agent::install_crypto();
    let request = reqwest::Client::new().get(user_info_endpoint(client));
    let response = client.send(request).await.unwrap();
    ApiError::check(response.status(), response.headers())?;
    Ok(response.text().await.unwrap())
}

#[tokio::test]
async fn a_bound_token_opens_a_protected_resource_and_so_does_the_one_after_it() {
    for client in [confidential().await, native().await] {
        let first = log_in(&client, Answer::Allow).await.unwrap();
        assert_eq!(first.token_type, TokenType::Dpop);
        let client = client.clone_with(|credentials| credentials.with_token(first));
        assert!(user_info(&client).await.unwrap().contains("alice"));
        let second = client.refresh_token().await.unwrap();
        let client = client.clone_with(|credentials| credentials.with_token(second));
        assert!(user_info(&client).await.unwrap().contains("alice"));
    }
}

#[tokio::test]
async fn a_resource_that_has_not_been_talked_to_demands_its_nonce_first() {
    let client = confidential().await;
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    let forgetful =
        client.clone_with(|credentials| credentials.with_token(tokens).with_dpop(key()));
    assert!(user_info(&forgetful).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn a_bound_token_is_worth_nothing_as_a_bearer_token() {
    let client = confidential().await;
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    let stolen = reqwest::Client::new()
        .get(user_info_endpoint(&client))
        .bearer_auth(tokens.access_token.expose_secret());
    let response = stolen.send().await.unwrap();
    let error = ApiError::check(response.status(), response.headers()).unwrap_err();
    assert!(error.is_unauthorized());

    let client = client.clone_with(|credentials| credentials.with_token(tokens));
    let request = reqwest::Client::new().get(user_info_endpoint(&client));
    let refused = client.authorize_reqwest(request).unwrap_err();
    assert!(matches!(refused, AuthorizeError::NeedsProof));
}

#[tokio::test]
async fn a_public_client_cannot_refresh_without_its_key() {
    let tokens = log_in(&native().await, Answer::Allow).await.unwrap();
    let keyless = provider()
        .await
        .client(credentials("hallpass-dpop-native").with_token(tokens));
    let error = keyless.refresh_token().await.unwrap_err();
    let code = error.refused().unwrap().code();
    assert_eq!(code, Some(&ErrorCode::INVALID_GRANT));
}

#[tokio::test]
async fn a_client_that_need_not_bind_its_tokens_may() {
    let credentials = credentials("hallpass-native").with_redirect_uri(NATIVE_REDIRECT_URI);
    let client = provider()
        .await
        .with_signer(KeyFile)
        .client(credentials.with_dpop(key()));
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    let client = client.clone_with(|credentials| credentials.with_token(tokens));
    assert!(user_info(&client).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn an_api_learns_which_key_a_token_is_bound_to() {
    let key = key();
    let client = provider().await.with_signer(KeyFile).client(
        ClientCredentialsCredentials::new()
            .with_client_id("hallpass-dpop")
            .with_client_secret("hallpass-dpop-secret")
            .with_dpop(key.clone()),
    );
    let tokens = client.fetch_token().await.unwrap();
    assert_eq!(tokens.token_type, TokenType::Dpop);
    let Introspection::Active(token) = service::introspect(&tokens).await else {
        panic!("a token that has just come is active");
    };
    let cnf = token.extra.value("cnf").and_then(Json::as_object).unwrap();
    let thumbprint = cnf.value("jkt").and_then(Json::as_str);
    assert_eq!(thumbprint, Some(key.thumbprint().as_str()));
}
