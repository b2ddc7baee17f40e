//! A token that is bound to a key (DPoP, RFC 9449): who steals it cannot use it.

use std::error::Error;

use grants::Key;
use hallpass::{ApiError, AuthorizationCodeCredentials, DpopKey, Issuer, Provider, Scopes};
use hallpass_testkit::{Config, TestServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Stands in for your provider; one that wants a nonce of its own in each proof.
    let server = TestServer::start(Config::new().dpop_nonces(true));
    let http = grants::http_client()?;

    // A new key, for this installation alone; nobody need register it.
    let key = Key::generate("this-installation");
    let dpop = DpopKey::new(key.name(), &key.public_jwk())?;
    println!("Made a key; its thumbprint is {}", dpop.thumbprint());

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.with_signer(key).client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri("http://127.0.0.1:4711/callback")
            .with_scopes(Scopes::parse("read")?)
            .with_dpop(dpop),
    );
    let tokens = grants::log_in(&server, &client).await?;
    println!("Alice has logged in: {tokens:?}");

    // A thief has the token and not the key.
    let stolen = tokens.access_token.expose_secret();
    let thief = http.get(server.resource_url()).bearer_auth(stolen);
    println!("The API tells a thief {}", thief.send().await?.status());

    // `send` has a proof signed for this request alone, and another when the API wants a nonce in it.
    let client = client.with_token(tokens);
    let response = client.send(http.get(server.resource_url())).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );
    Ok(())
}
