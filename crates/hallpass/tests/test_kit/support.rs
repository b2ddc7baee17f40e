//! Clients of the test kit's server, the keys they sign with, and a clock that goes on where somebody waits.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::driver::{
    Driver, ReqwestTransport, Runtime, SignError, Signer, Task, TokioRuntime, Work,
};
use hallpass::grant::{Signature, SigningInput};
use hallpass::{
    ApiError, AuthorizationCode, AuthorizationCodeCredentials, Client, ClientCredentials,
    ClientCredentialsCredentials, DpopKey, ErrorCode, ErrorKind, Introspection, Issuer, Provider,
    ProviderError, Scopes, SigningAlgorithm, SigningKeyName, TokenInformation, TokenSet, Violation,
};
use hallpass_testkit::{Decision, TEST_KEY, TestServer, User};
use p256::ecdsa::{Signature as Es256, SigningKey, signature::Signer as _};
use time::UtcDateTime;

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1/callback";

pub(crate) async fn provider(server: &TestServer) -> Provider {
    let issuer = Issuer::new(server.issuer()).unwrap();
    let provider = Provider::discover("OAuthACG", issuer).await.unwrap();
    provider.with_signer(Keys)
}

/// The same by the server's clock.
pub(crate) async fn provider_of(server: &Arc<TestServer>) -> Provider {
    let issuer = Issuer::new(server.issuer()).unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let driver = Driver::new(transport, SameClock(Arc::clone(server))).with_signer(Keys);
    Provider::discover_with("OAuthACG", issuer, driver)
        .await
        .unwrap()
}

/// The same through a clock of the test's.
pub(crate) async fn provider_at(clock: Clock) -> Provider {
    provider_through(ReqwestTransport::new().unwrap(), clock).await
}

pub(crate) async fn provider_through(transport: ReqwestTransport, clock: Clock) -> Provider {
    let issuer = Issuer::new(clock.server.issuer()).unwrap();
    let driver = Driver::new(transport, clock).with_signer(Keys);
    Provider::discover_with("OAuthACG", issuer, driver)
        .await
        .unwrap()
}

pub(crate) fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

pub(crate) fn oauthacg() -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id("oauthacg")
        .with_client_secret("acg-secret")
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(scopes("file_requests.read"))
}

pub(crate) fn native() -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id("native")
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(scopes("read write"))
}

pub(crate) fn service() -> ClientCredentialsCredentials {
    ClientCredentialsCredentials::new()
        .with_client_id("service")
        .with_client_secret("service-secret")
}

pub(crate) async fn code_client(server: &TestServer) -> Client<AuthorizationCode> {
    provider(server).await.client(oauthacg())
}

pub(crate) async fn service_client(server: &TestServer) -> Client<ClientCredentials> {
    provider(server).await.client(service())
}

/// Alice's browser.
pub(crate) fn consent(server: &TestServer, url: &str) -> String {
    server
        .consent(url, &User::alice(), &Decision::Allow)
        .unwrap()
}

pub(crate) async fn log_in(
    server: &TestServer,
    client: &Client<AuthorizationCode>,
) -> Result<TokenSet, ProviderError> {
    let (url, pending) = client.authorization_url()?;
    let callback = consent(server, url.as_str());
    client.fetch_token(pending, callback.as_str()).await
}

/// The tests' own HTTP client, which keeps no connection: each test has a runtime of its own.
pub(crate) fn http() -> reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy();
        builder.pool_max_idle_per_host(0).build().unwrap()
    });
    CLIENT.clone()
}

/// Calls the resource, whatever kind of token the client has.
pub(crate) async fn call<G: Clone + Default>(
    server: &TestServer,
    client: &Client<G>,
) -> Result<String, ApiError> {
    let request = http().get(server.resource_url());
    let response = client.send(request).await.unwrap();
    ApiError::check(response.status(), response.headers())?;
    Ok(response.text().await.unwrap())
}

pub(crate) fn with_token<G: Clone + Default>(client: &Client<G>, tokens: TokenSet) -> Client<G> {
    client.clone_with(|own| own.with_token(tokens))
}

/// What an API is told of a token.
pub(crate) async fn introspect(server: &TestServer, tokens: &TokenSet) -> Introspection {
    let api = service_client(server).await;
    api.introspect(&tokens.access_token).await.unwrap()
}

/// What an API is told of a token that is good.
pub(crate) async fn active(server: &TestServer, tokens: &TokenSet) -> Box<TokenInformation> {
    match introspect(server, tokens).await {
        Introspection::Active(token) => token,
        Introspection::Inactive => panic!("the token is good for nothing"),
    }
}

pub(crate) fn violation(error: &ProviderError) -> &Violation {
    match error.kind() {
        ErrorKind::Violation(violation) => violation,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn code(error: &ProviderError) -> &ErrorCode {
    let refused = error.refused();
    let refused = refused.unwrap_or_else(|| panic!("{error:?}"));
    refused.code().unwrap_or_else(|| panic!("{error:?}"))
}

/// Holds the key that the client `jwt` signs with, and another.
pub(crate) struct Keys;

/// The name of the key of the client `jwt`.
pub(crate) fn test_key() -> SigningKeyName {
    SigningKeyName::new(SigningAlgorithm::Es256, "test")
}

pub(crate) fn other_key() -> SigningKeyName {
    SigningKeyName::new(SigningAlgorithm::Es256, "other")
}

fn private(id: &str) -> Option<SigningKey> {
    match id {
        "test" => {
            let jwk: serde_json::Value = serde_json::from_str(TEST_KEY).unwrap();
            let secret = Base64UrlUnpadded::decode_vec(jwk["d"].as_str().unwrap()).unwrap();
            Some(SigningKey::from_slice(&secret).unwrap())
        }
        "other" => Some(SigningKey::from_slice(&[7; 32]).unwrap()),
        _ => None,
    }
}

/// Tokens can be bound to it.
pub(crate) fn dpop_key(name: SigningKeyName) -> DpopKey {
    let point = private(name.id())
        .unwrap()
        .verifying_key()
        .to_sec1_point(false);
    let member = |at: usize| Base64UrlUnpadded::encode_string(&point.as_bytes()[at..at + 32]);
    let jwk = serde_json::json!({ "kty": "EC", "crv": "P-256", "x": member(1), "y": member(33) });
    DpopKey::new(name, &jwk.to_string()).unwrap()
}

#[async_trait]
impl Signer for Keys {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let key = private(input.key().id()).ok_or_else(|| SignError::unknown_key(input))?;
        let signature: Es256 = key.sign(input.bytes());
        Ok(Signature::new(signature.to_bytes().to_vec()))
    }
}

/// The server's clock. Nobody's patience ends by it.
pub(crate) struct SameClock(pub(crate) Arc<TestServer>);

#[async_trait]
impl Runtime for SameClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.steady()
    }

    fn steady(&self) -> Duration {
        Duration::from_secs(self.0.now())
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}

/// What happens while somebody waits.
type Event = Box<dyn FnOnce(&TestServer) + Send>;

/// The server's clock, which goes on at once where somebody waits.
#[derive(Clone)]
pub(crate) struct Clock {
    server: Arc<TestServer>,
    waits: Arc<Mutex<Vec<u64>>>,
    events: Arc<Mutex<VecDeque<Event>>>,
}

impl Clock {
    pub(crate) fn new(server: &Arc<TestServer>) -> Self {
        Self {
            server: Arc::clone(server),
            waits: Arc::default(),
            events: Arc::default(),
        }
    }

    /// The same clock; in the next wait that nothing was said of yet, this happens.
    pub(crate) fn then(self, event: impl FnOnce(&TestServer) + Send + 'static) -> Self {
        self.events.lock().unwrap().push_back(Box::new(event));
        self
    }

    /// How long each wait was, in seconds.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.waits.lock().unwrap().clone()
    }
}

#[async_trait]
impl Runtime for Clock {
    fn now(&self) -> SystemTime {
        UtcDateTime::from_unix_timestamp(self.server.now().cast_signed())
            .unwrap()
            .into()
    }

    async fn sleep(&self, duration: Duration) {
        self.waits.lock().unwrap().push(duration.as_secs());
        self.server.advance(duration);
        let event = self.events.lock().unwrap().pop_front();
        if let Some(event) = event {
            event(&self.server);
        }
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}
