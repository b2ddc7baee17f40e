//! **Legacy:** a program that takes the user's name and password (RFC 6749 §4.3).
//!
//! Why not: the program sees the password and can do all that the user can; no second factor and no passkey can come in between; and
//! users learn to type their password anywhere. RFC 9700 §2.4 forbids the grant, OAuth 2.1 has it no more. Use `authorization_code`,
//! or `device` where there is no browser. It is here for the server that offers nothing else, until it does.

use std::error::Error;

use hallpass::{ApiError, Issuer, LegacyPasswordCredentials, Provider, Scopes};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider
    println!("Why not: the program sees the password, and no second factor can come in between.");

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        LegacyPasswordCredentials::new()
            .with_client_id("terminal")
            .with_scopes(Scopes::parse("read")?)
            .with_user("alice", "wonderland"),
    );

    let tokens = client.fetch_token().await?;
    println!("Alice typed her password into the program, which got {tokens:?}");

    // Keep the tokens, never the password: credentials made anew have none.
    let client = provider.client(
        LegacyPasswordCredentials::new()
            .with_client_id("terminal")
            .with_token(tokens),
    );
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
