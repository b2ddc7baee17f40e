//! The whole way on an OpenID certified provider. `cargo xtask test provider` starts it and runs these.

mod device;
mod dpop;
mod pushed;
mod registration;
mod service;
mod user_agent;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass::driver::{
    Driver, ReqwestTransport, Runtime, SignError, Signer, Task, TokioRuntime, Work,
};
use hallpass::grant::{Signature, SigningInput};
use hallpass::store::MemoryStore;
use hallpass::{
    ApiError, AuthorizationCode, AuthorizationCodeCredentials, AuthorizationUrl, Client, Code,
    ErrorCode, Expiry, Issuer, Key, Pending, Provider, ProviderError, Scopes, SigningAlgorithm,
    SigningKeyName, TokenSet,
};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey;

use user_agent::{Answer, UserAgent};

const REDIRECT_URI: &str = "http://127.0.0.1:9999/callback";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run these tests with `cargo xtask test provider`, which starts the provider")
    })
}

async fn provider() -> Provider {
    Provider::discover("provider", issuer()).await.unwrap()
}

fn issuer() -> Issuer {
    Issuer::new(variable("HALLPASS_PROVIDER")).unwrap()
}

fn credentials(id: &str) -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id(id)
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(Scopes::parse("openid offline_access").unwrap())
}

async fn log_in(
    client: &Client<AuthorizationCode>,
    answer: Answer,
) -> Result<TokenSet, ProviderError> {
    let (url, pending) =
        client.authorization_url_with(|request| request.parameter("prompt", "consent"))?;
    finish(client, url, pending, answer).await
}

async fn finish(
    client: &Client<AuthorizationCode>,
    url: AuthorizationUrl,
    pending: Pending<Code>,
    answer: Answer,
) -> Result<TokenSet, ProviderError> {
    let redirect_uri = client.credentials().redirect_uri().unwrap();
    let callback = UserAgent::new()
        .consent(url.as_str(), redirect_uri, answer)
        .await;
    client.fetch_token(pending, callback.as_str()).await
}

fn user_info_endpoint(client: &Client<AuthorizationCode>) -> String {
    let endpoint = client.provider().server().extra.value("userinfo_endpoint");
    endpoint.unwrap().as_str().unwrap().to_owned()
}

async fn user_info(client: &Client<AuthorizationCode>) -> Result<String, ApiError> {
    user_agent::install_crypto();
    let request = reqwest::Client::new().get(user_info_endpoint(client));
    let response = client
        .authorize_reqwest(request)
        .unwrap()
        .send()
        .await
        .unwrap();
    ApiError::check(response.status(), response.headers())?;
    Ok(response.text().await.unwrap())
}

#[tokio::test]
async fn a_login_with_consent_gives_a_token_that_opens_a_protected_resource() {
    let client = provider()
        .await
        .client(credentials("hallpass-basic").with_client_secret("hallpass-basic-secret"));
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    assert!(tokens.id_token.is_some());
    assert!(tokens.scopes.contains_value("openid"));
    let authorised = client.clone_with(|credentials| credentials.with_token(tokens));
    assert_eq!(authorised.token_expiry(), Some(Expiry::Valid));
    assert!(user_info(&authorised).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn a_refresh_rotates_the_refresh_token_and_the_old_one_is_refused_as_invalid_grant() {
    let client = provider()
        .await
        .client(credentials("hallpass-basic").with_client_secret("hallpass-basic-secret"));
    let first = log_in(&client, Answer::Allow).await.unwrap();
    let before = client.clone_with(|credentials| credentials.with_token(first.clone()));
    let second = before.refresh_token().await.unwrap();
    assert_ne!(first.access_token, second.access_token);
    assert_ne!(first.refresh_token, second.refresh_token);
    let after = client.clone_with(|credentials| credentials.with_token(second));
    assert!(user_info(&after).await.unwrap().contains("alice"));

    let error = before.refresh_token().await.unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(400));
    assert_eq!(
        error.refused().unwrap().code(),
        Some(&ErrorCode::INVALID_GRANT)
    );
    // The reuse ended the whole family: the access token of the second answer is dead too.
    let error = user_info(&after).await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.error.as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_the_access_token_with_it() {
    let client = provider()
        .await
        .client(credentials("hallpass-basic").with_client_secret("hallpass-basic-secret"));
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    let client = client.clone_with(|credentials| credentials.with_token(tokens));
    assert!(user_info(&client).await.is_ok());
    client.revoke_token().await.unwrap();
    assert!(user_info(&client).await.unwrap_err().is_unauthorized());
    assert!(client.refresh_token().await.is_err());
}

#[tokio::test]
async fn a_denied_consent_is_access_denied_and_sends_nothing() {
    let client = provider()
        .await
        .client(credentials("hallpass-basic").with_client_secret("hallpass-basic-secret"));
    let error = log_in(&client, Answer::Deny).await.unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(refused.code(), Some(&ErrorCode::ACCESS_DENIED));
    assert_eq!(refused.status(), None);
}

#[tokio::test]
async fn a_client_proves_itself_with_a_key() {
    let client = provider().await.with_signer(KeyFile).client(
        credentials("hallpass-jwt")
            .with_private_key(SigningKeyName::new(SigningAlgorithm::Es256, "hallpass-key")),
    );
    let tokens = log_in(&client, Answer::Allow).await.unwrap();
    let client = client.clone_with(|credentials| credentials.with_token(tokens));
    assert!(client.refresh_token().await.is_ok());
}

#[tokio::test]
async fn a_client_proves_itself_in_the_body_and_with_odd_characters() {
    let provider = provider().await;
    for credentials in [
        credentials("hallpass-post").with_client_secret_in_body("hallpass-post-secret"),
        credentials("hallpass-odd:id with space/&")
            .with_client_secret("odd%secret+with:colon &amp=x"),
    ] {
        assert!(
            log_in(&provider.client(credentials), Answer::Allow)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn a_native_client_needs_no_secret_and_any_port_will_do() {
    let client = provider().await.client(
        credentials("hallpass-native").with_redirect_uri("http://127.0.0.1:51234/callback"),
    );
    assert!(log_in(&client, Answer::Allow).await.is_ok());
}

#[tokio::test]
async fn a_wrong_secret_is_invalid_client() {
    let client = provider()
        .await
        .client(credentials("hallpass-basic").with_client_secret("wrong"));
    let error = log_in(&client, Answer::Allow).await.unwrap_err();
    assert_eq!(
        error.refused().unwrap().code(),
        Some(&ErrorCode::INVALID_CLIENT)
    );
}

#[tokio::test]
async fn a_session_refreshes_a_token_that_has_ended_and_saves_it() {
    // The token lives two seconds.
    let credentials = credentials("hallpass-short").with_client_secret("hallpass-short-secret");
    let client = provider().await.client(credentials.clone());
    let first = log_in(&client, Answer::Allow).await.unwrap();
    let store = Arc::new(MemoryStore::new());
    let session = client.session(store.clone(), Key::new("alice")).unwrap();
    session.save(&first).await.unwrap();

    let driver = Driver::new(ReqwestTransport::new().unwrap(), AnHourLater);
    let later = Provider::discover_with("provider", issuer(), driver).await;
    let client = later.unwrap().client(credentials);
    let again = client.session(store, Key::new("alice")).unwrap();
    let second = again.tokens().await.unwrap();
    assert_ne!(second.access_token, first.access_token);
    assert_eq!(session.load().await.unwrap(), Some(second.into()));
}

/// Tokio, with the wall clock of an hour later.
struct AnHourLater;

#[async_trait]
impl Runtime for AnHourLater {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(3600)
    }

    async fn sleep(&self, duration: Duration) {
        TokioRuntime.sleep(duration).await;
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}

/// Signs with the key the provider wrote for its client.
struct KeyFile;

#[async_trait]
impl Signer for KeyFile {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let pem = std::fs::read_to_string(variable("HALLPASS_PROVIDER_KEY")).unwrap();
        let key = p256::ecdsa::SigningKey::from_pkcs8_pem(&pem).unwrap();
        let signature: p256::ecdsa::Signature = key.sign(input.bytes());
        Ok(Signature::new(signature.to_bytes().to_vec()))
    }
}
