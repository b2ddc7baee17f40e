//! A program that gets a user's token by what it signs about her (RFC 7523 §2.1): an administrator has allowed it once, for all users.

use std::error::Error;

use grants::Key;
use hallpass::{ApiError, Assertion, ClientCredentialsCredentials, Issuer, Provider, Scopes};
use hallpass_testkit::{TEST_KEY, TestServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider

    // The server knows the public half. `Key` is a `Signer` (src/key.rs); yours may be a key service.
    let jwk: serde_json::Value = serde_json::from_str(TEST_KEY)?;
    let key = Key::from_d("key-1", jwk["d"].as_str().unwrap_or_default())?;
    let name = key.name();

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.with_signer(key).client(
        ClientCredentialsCredentials::new()
            .with_client_id("jwt")
            .with_private_key(name.clone())
            .with_scopes(Scopes::parse("read")?),
    );

    // Good for a minute and for one use: each attempt signs anew.
    let assertion = Assertion::new(name, "jwt").with_subject("alice");
    let tokens = client.fetch_token_by_assertion(assertion).await?;
    println!("The program has signed for alice, and got {tokens:?}");

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
