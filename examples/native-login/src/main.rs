//! A user of this program is logged in through their own browser (RFC 8252), by authorization code with PKCE.

use std::env;
use std::error::Error;

use hallpass::loopback::{Options, Receiver, browser};
use hallpass::{ApiError, AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = TestServer::start(Default::default()); // stands in for your provider
    let issuer = env::args().nth(1).unwrap_or(server.issuer());
    let client_id = env::args().nth(2).unwrap_or("native".to_owned());
    let api = env::args().nth(3).unwrap_or(server.resource_url());

    // 1. A port of this machine's own, where the browser brings the code.
    let receiver = Receiver::bind(Options::new("Native Login"))?;
    let provider = Provider::discover("example", Issuer::new(&issuer)?).await?;
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id(client_id)
            .with_redirect_uri(receiver.redirect_uri())
            .with_scopes(Scopes::parse("read")?),
    );

    // 2. The user decides in their browser. Where none opens, they need the address.
    let (url, pending) = client.authorization_url()?;
    println!(
        "Log in in your browser (alice, wonderland):\n{}",
        url.as_str()
    );
    if let Err(error) = browser::open(url.as_str()) {
        eprintln!("{error}");
    }

    // 3. The code becomes tokens, and the browser shows how that went.
    let received = receiver.receive(&pending).await?;
    let tokens = client.fetch_token(pending, &received).await;
    let tokens = received.tell(tokens).await?;

    let client = client.with_token(tokens);
    let response = client.send(reqwest::Client::new().get(api)).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );
    Ok(())
}
