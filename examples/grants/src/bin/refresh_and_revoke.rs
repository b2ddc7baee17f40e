//! Tokens that are renewed (RFC 6749 §6), and tokens that are taken back (RFC 7009).

use std::error::Error;

use hallpass::{ApiError, AuthorizationCodeCredentials, Issuer, Provider, Scopes};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider
    let http = grants::http_client()?;

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri("http://127.0.0.1:4711/callback")
            .with_scopes(Scopes::parse("read")?),
    );
    // Alice has logged in twice.
    let [phone, laptop] = [
        grants::log_in(&server, &client).await?,
        grants::log_in(&server, &client).await?,
    ];

    // She logs out on her phone: its tokens are taken back, and no others.
    let phone = client.clone_with(|copy| copy.with_token(phone));
    phone.revoke_token().await?;
    let response = phone.send(http.get(server.resource_url())).await?;
    if let Err(refused) = ApiError::check(response.status(), response.headers()) {
        println!("The phone's tokens are taken back: {refused}");
    }

    // The laptop renews its own. A refresh token is good once: save what comes before anything else (a `Session` does both).
    let laptop = client.clone_with(|copy| copy.with_token(laptop));
    let tokens = laptop.refresh_token().await?;
    println!("The laptop has new ones: {tokens:?}");

    let laptop = laptop.with_token(tokens);
    let response = laptop.send(http.get(server.resource_url())).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );
    Ok(())
}
