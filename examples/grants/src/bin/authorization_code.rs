//! A user with a browser (RFC 6749 §4.1, RFC 7636). What is asked for is pushed to the server first (PAR, RFC 9126), so that nobody on
//! the way sees or changes it. Where the server cannot do that: `client.authorization_url()?`, and all else is the same.

use std::error::Error;

use hallpass::{ApiError, AuthorizationCodeCredentials, Issuer, PendingLogins, Provider, Scopes};
use hallpass_testkit::{Decision, TestServer, User};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri("http://127.0.0.1:4711/callback")
            .with_scopes(Scopes::parse("read")?),
    );
    let logins: PendingLogins = PendingLogins::new(&provider);

    // 1. The ticket goes into a cookie of the browser, the browser to the address.
    let (url, pending) = client.push_authorization_request().await?;
    let ticket = logins.keep(pending)?;
    println!("Pushed what is asked for. The browser is sent to {url:?} with a reference to it.");

    // 2. Alice logs in and allows, and her browser comes back to the redirect URI, with its cookie.
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow)?;
    println!("Alice allows, and her browser comes back.");

    // 3. `state`, the issuer and all else are checked before the code is used, once.
    let pending = logins.take(&ticket, callback.as_str());
    let pending = pending.ok_or("this browser has begun no such login")?;
    let tokens = client.fetch_token(pending, callback.as_str()).await?;
    println!("The code gave {tokens:?}");

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
