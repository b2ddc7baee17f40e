//! A login on another device (RFC 8628).

use hallpass::{Client, Device, TokenSet};

use crate::error::Failure;
use crate::output::Output;
use crate::runtime;

/// Shows the code, and waits for the answer.
pub(super) fn log_in(output: Output, client: &Client<Device>) -> Result<TokenSet, Failure> {
    runtime::wait(async {
        let device = client.begin_device().await?;
        output.say_strong(
            "Open this address on any device with a browser:  ",
            device.verification_uri.as_str(),
        );
        output.say_strong("and type in this code:  ", &device.user_code);
        Ok(client.fetch_token(&device).await?)
    })
}
