//! A device's user on the provider's pages (RFC 8628 §3.3), and what the device gets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass::driver::{Driver, ReqwestTransport, Runtime, Task, TokioRuntime, Work};
use hallpass::token::TokenType;
use hallpass::{
    Client, Device, DeviceAuthorization, DeviceCredentials, ErrorCode, ErrorKind, Provider,
    ProviderError, Scopes, TokenSet,
};
use time::UtcDateTime;

use crate::user_agent::{User, UserAgent};
use crate::{KeyFile, dpop};

/// One login on a device.
struct Login {
    client: Client<Device>,
    device: DeviceAuthorization,
}

impl Login {
    async fn begin(client_id: &str) -> Login {
        let credentials = DeviceCredentials::new().with_client_id(client_id);
        Self::begin_with(credentials, Impatient::default()).await
    }

    async fn begin_with(credentials: DeviceCredentials, runtime: impl Runtime + 'static) -> Login {
        let driver = Driver::new(ReqwestTransport::new().unwrap(), runtime).with_signer(KeyFile);
        let provider = Provider::discover_with("provider", crate::issuer(), driver)
            .await
            .unwrap();
        let scopes = Scopes::parse("openid offline_access").unwrap();
        let client = provider.client(credentials.with_scopes(scopes));
        let device = client.begin_device().await.unwrap();
        Login { client, device }
    }

    async fn poll(&self) -> Result<TokenSet, ProviderError> {
        self.client.fetch_token(&self.device).await
    }
}

#[tokio::test]
async fn a_user_who_types_the_code_gives_the_device_a_token() {
    let login = Login::begin("hallpass-device").await;
    let page = login.device.verification_uri.as_str();
    UserAgent::new()
        .approve_device(page, &login.device.user_code, User::ALICE)
        .await;
    let tokens = login.poll().await.unwrap();
    assert!(tokens.scopes.contains_value("offline_access"));
    let client = login.client.clone_with(|device| device.with_token(tokens));
    assert!(client.refresh_token().await.is_ok());
}

#[tokio::test]
async fn a_user_who_follows_the_complete_address_need_not_type() {
    let login = Login::begin("hallpass-device").await;
    let page = login.device.verification_uri_complete.as_ref().unwrap();
    UserAgent::new()
        .approve_device(page.as_str(), "", User::BOB)
        .await;
    assert!(login.poll().await.is_ok());
}

#[tokio::test]
async fn a_user_who_says_no_leaves_the_device_with_access_denied() {
    let login = Login::begin("hallpass-device").await;
    let page = login.device.verification_uri.as_str();
    UserAgent::new()
        .deny_device(page, &login.device.user_code, User::ALICE)
        .await;
    let error = login.poll().await.unwrap_err();
    let code = error.refused().unwrap().code();
    assert_eq!(code, Some(&ErrorCode::ACCESS_DENIED));
}

#[tokio::test]
async fn a_device_with_a_secret_and_a_key_gets_a_token_that_is_bound_to_the_key() {
    let credentials = DeviceCredentials::new()
        .with_client_id("hallpass-dpop")
        .with_client_secret("hallpass-dpop-secret")
        .with_dpop(dpop::key());
    let login = Login::begin_with(credentials, Impatient::default()).await;
    let page = login.device.verification_uri.as_str();
    UserAgent::new()
        .approve_device(page, &login.device.user_code, User::ALICE)
        .await;
    assert_eq!(login.poll().await.unwrap().token_type, TokenType::Dpop);
}

#[tokio::test]
async fn a_device_that_nobody_answers_asks_until_its_codes_end() {
    let login = Login::begin("hallpass-device").await;
    assert!(is_expired(&login.poll().await.unwrap_err()));
}

#[tokio::test]
async fn a_device_without_a_clock_is_told_by_the_server_that_its_codes_have_ended() {
    let stopped = Stopped(UtcDateTime::now());
    let credentials = DeviceCredentials::new().with_client_id("hallpass-device-short");
    let login = Login::begin_with(credentials, stopped).await;
    assert!(is_expired(&login.poll().await.unwrap_err()));
}

fn is_expired(error: &ProviderError) -> bool {
    matches!(error.kind(), ErrorKind::Expired("the user code"))
}

/// A clock that goes forward where one would wait: the provider does not mind how often it is asked.
#[derive(Default)]
struct Impatient {
    ahead: AtomicU64,
}

#[async_trait]
impl Runtime for Impatient {
    fn now(&self) -> SystemTime {
        (UtcDateTime::now() + Duration::from_millis(self.ahead.load(Ordering::Relaxed))).into()
    }

    async fn sleep(&self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap();
        self.ahead.fetch_add(milliseconds + 1, Ordering::Relaxed);
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}

/// A clock that has stopped; nobody waits by it.
struct Stopped(UtcDateTime);

#[async_trait]
impl Runtime for Stopped {
    fn now(&self) -> SystemTime {
        self.0.into()
    }

    async fn sleep(&self, _: Duration) {}

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}
