//! A program that acts for itself (RFC 6749 §4.4): no user, no browser.

use std::error::Error;
use std::sync::Arc;

use hallpass::store::MemoryStore;
use hallpass::{ApiError, ClientCredentialsCredentials, Issuer, Key, Provider, Scopes};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret") // yours comes from a file or the environment
            .with_scopes(Scopes::parse("read")?),
    );

    // Asked for each call, it asks the server when it has no token, and again ahead of the token's end.
    let session = client.session(Arc::new(MemoryStore::new()), Key::new("service"))?;
    let tokens = session.tokens().await?;
    println!("The service has a token of its own: {tokens:?}");

    let client = client.with_token(tokens);
    let request = grants::http_client()?.get(server.resource_url());
    let response = client.send(request).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );
    Ok(())
}
