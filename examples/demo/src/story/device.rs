//! The device grant: the user answers on another device.

use std::sync::Arc;

use hallpass::{DeviceCredentials, Endpoint, Provider, ServerMetadata};
use hallpass_http::{Driver, ReqwestTransport};
use hallpass_testkit::{Decision, TestServer, User};

use super::{Outcome, asked_for, call, chapter, received, refused, step};
use crate::haste::Haste;
use crate::narrator::Narrator;
use crate::scopes::HttpIg;

/// The device grant of a television.
pub async fn device(server: &Arc<TestServer>) -> Outcome {
    chapter(
        "device",
        "a television without a browser shows a code, which the user types in on a phone",
    );
    let metadata = ServerMetadata::default()
        .with_device_authorization_endpoint(Endpoint::new(server.device_authorization_endpoint())?)
        .with_token_endpoint(Endpoint::new(server.token_endpoint())?);
    let haste = Haste::new(server.clone());
    let driver = Driver::new(Narrator(ReqwestTransport::new()?), haste.clone());
    let client = Provider::with_driver("device", metadata, driver).client(
        DeviceCredentials::new()
            .with_client_id("device")
            .with_scopes([HttpIg::ReadScope, HttpIg::WriteScope]),
    );

    asked_for::<HttpIg>();
    step("1. The television asks for a code:");
    let device = client.begin_device().await?;
    step("2. It shows:");
    let address = device.verification_uri.as_str();
    println!("    Open {address} and type in {}", device.user_code);
    step(
        "3. It asks no faster than it may; the answer is 400 (authorization_pending) until alice has allowed:",
    );
    let alice = async {
        haste.slept(2).await;
        println!("    (alice types in the code, logs in and clicks Allow)");
        server.approve_device(&device.user_code, &User::alice(), &Decision::Allow)
    };
    let (tokens, allowed) = tokio::join!(client.fetch_token(&device), alice);
    allowed?;
    let tokens = tokens?;
    received(&tokens);

    step("4. It puts the token on a call:");
    call(server, &client.with_token(tokens)).await?;

    step("5. Another time the user clicks Deny:");
    let device = client.begin_device().await?;
    server.approve_device(&device.user_code, &User::alice(), &Decision::Deny)?;
    refused(client.fetch_token(&device).await)?;
    println!();
    Ok("device         code shown ✓  waited ✓  token received ✓  call ✓  denial told ✓".into())
}
