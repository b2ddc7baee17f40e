//! A login on another device (RFC 8628).

use hallpass::{Client, Device, TokenSet};

use crate::error::Failure;
use crate::output::Output;

/// Shows the code, and waits for the answer.
pub(super) async fn log_in(output: Output, client: &Client<Device>) -> Result<TokenSet, Failure> {
    let device = client.begin_device().await?;
    output.say("On any device with a browser, open this address:");
    output.say_strong("  ", device.verification_uri.as_str());
    output.say("and type in this code:");
    output.say_strong("  ", &device.user_code);
    output.say("Waiting for you to do that…");
    Ok(client.fetch_token(&device).await?)
}
