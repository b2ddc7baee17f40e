//! A program without a browser: a television, a command on a server (RFC 8628). The user answers on another device.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hallpass::{ApiError, DeviceCredentials, Issuer, Provider, Scopes};
use hallpass_testkit::{Config, Decision, TestServer, User};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Stands in for your provider; one that may be asked every second.
    let config = Config::new().device_interval(Some(Duration::from_secs(1)));
    let server = Arc::new(TestServer::start(config));

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        DeviceCredentials::new()
            .with_client_id("device")
            .with_scopes(Scopes::parse("read")?),
    );

    let device = client.begin_device().await?;
    println!(
        "Open {} on any device and type in {}",
        device.verification_uri.as_str(),
        device.user_code
    );

    // Alice, somewhere else.
    let (alice, code) = (server.clone(), device.user_code.clone());
    tokio::spawn(async move {
        println!("Alice types it in, logs in and allows.");
        alice.approve_device(&code, &User::alice(), &Decision::Allow)
    });

    // Asks until she has answered, no faster than the server allows.
    let tokens = client.fetch_token(&device).await?;
    println!("The device has {tokens:?}");

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
