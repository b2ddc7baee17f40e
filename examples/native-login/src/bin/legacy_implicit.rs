//! **Legacy**: the implicit grant (RFC 6749 §4.2), for a server that has no other. The token comes in the fragment of the redirect, which a
//! page that hallpass serves takes out of the history and relays. Where the server can do codes, take `src/main.rs`.

use std::env;
use std::error::Error;

use hallpass::loopback::{Options, Receiver, browser};
use hallpass::{ApiError, ImplicitCredentials, Issuer, Profile, Provider, Scopes, reqwest};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = TestServer::start(Default::default()); // stands in for your provider
    let issuer = env::args().nth(1).unwrap_or(server.issuer());
    let client_id = env::args().nth(2).unwrap_or("httpig".to_owned());
    let api = env::args().nth(3).unwrap_or(server.resource_url());

    let receiver = Receiver::bind(Options::new("Native Login"))?;
    let provider = Provider::discover("example", Issuer::new(&issuer)?).await?;
    let client = provider.with_profile(Profile::HTTPIG).client(
        ImplicitCredentials::new()
            .with_client_id(client_id)
            .with_redirect_uri(receiver.redirect_uri())
            .with_scopes(Scopes::parse("read")?),
    );

    let (url, pending) = client.authorization_url()?;
    println!(
        "Log in in your browser (alice, wonderland):\n{}",
        url.as_str()
    );
    if let Err(error) = browser::open(url.as_str()) {
        eprintln!("{error}");
    }

    let received = receiver.receive(&pending).await?;
    let tokens = client.receive_token(pending, &received);
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
