//! Logins at the test kit's server as an OpenID provider, through the facade. What is wrong with tokens, keys and answers is seen in
//! `hallpass-oidc`'s own tests, fault by fault.

mod discovery;
mod logins;

use std::sync::Arc;

use hallpass::driver::{Driver, ReqwestTransport};
use hallpass::openid::{Authenticated, AuthenticationRequest, Client, Fault, ResponseType};
use hallpass::{AuthorizationCodeCredentials, ProviderError};
use hallpass_testkit::{Config, NamedFault, TestServer};

use crate::support::{Clock, REDIRECT_URI, consent};
use crate::table::seen;

fn credentials() -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id("openid")
        .with_client_secret("openid-secret")
        .with_redirect_uri(REDIRECT_URI)
}

fn server_with(fault: NamedFault) -> Arc<TestServer> {
    let server = TestServer::start(Config::new());
    server.inject(fault);
    Arc::new(server)
}

async fn discovered(server: &Arc<TestServer>) -> Result<Client, ProviderError> {
    discovered_by(server, credentials()).await
}

async fn discovered_by(
    server: &Arc<TestServer>,
    credentials: AuthorizationCodeCredentials,
) -> Result<Client, ProviderError> {
    let driver = Driver::new(ReqwestTransport::new()?, Clock::new(server));
    Client::discover_with(&server.issuer(), credentials, driver).await
}

/// Alice logs in.
async fn log_in<R: ResponseType>(
    server: &TestServer,
    client: &Client,
    change: impl FnOnce(AuthenticationRequest) -> AuthenticationRequest,
) -> Result<Authenticated<R::Tokens>, ProviderError> {
    let (url, login) = client.authorization_url_with::<R>(change)?;
    let callback = consent(server, url.as_str());
    client.authenticate(login, callback.as_str()).await
}

/// `ok`, the name of what is wrong with a token, or what kind of error it is otherwise.
fn told<T>(outcome: &Result<T, ProviderError>) -> String {
    match outcome.as_ref().err().and_then(Fault::of) {
        Some(fault) => fault.name().to_owned(),
        None => seen(outcome),
    }
}

/// Sees each fault as `look` does, and says of every row that is not as it should be what is.
async fn check<T>(
    rows: &[(NamedFault, &str)],
    look: impl AsyncFn(NamedFault) -> Result<T, ProviderError>,
) {
    let mut wrong = Vec::new();
    for (fault, expected) in rows {
        let outcome = told(&look(*fault).await);
        if outcome != *expected {
            wrong.push(format!("(NamedFault::{fault:?}, \"{outcome}\"),"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
