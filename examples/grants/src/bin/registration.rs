//! A client that registers itself (RFC 7591), and manages what it has registered (RFC 7592).

use std::error::Error;

use hallpass::{ApiError, ClientCredentialsCredentials, ClientMetadata, Issuer, Provider, Scopes};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let metadata = ClientMetadata::new()
        .with_name("Nightly report")
        .with_grant_type("client_credentials")
        .with_authentication_method("client_secret_basic")
        .with_scopes(Scopes::parse("read")?);
    let registered = provider.register(&metadata, None).await?;
    println!("Registered {:?}", registered.metadata.client_name);

    // What comes replaces what was: the secret and the token for the next change may be new. Store it each time.
    let renamed = metadata.with_name("Daily report");
    let registered = provider.drive(&mut registered.update(&renamed)?).await?;
    println!("Changed its name to {:?}", registered.metadata.client_name);

    // It proves itself in the one way it is registered for.
    let credentials = ClientCredentialsCredentials::of_registered(&registered, None)?;
    let client = provider.client(credentials.with_scopes(Scopes::parse("read")?));
    let tokens = client.fetch_token().await?;
    println!("It has {tokens:?}");
    let authorised = client.with_token(tokens);
    let request = grants::http_client()?.get(server.resource_url());
    let response = authorised.send(request).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );

    provider.drive(&mut registered.delete()?).await?;
    if let Err(error) = client.fetch_token().await {
        println!("Deleted itself. Asked for another token, {error}");
    }
    Ok(())
}
