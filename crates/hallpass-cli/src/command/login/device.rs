//! A login on another device (RFC 8628).

use hallpass::{Client, Device, TokenSet};

use crate::error::Failure;
use crate::output::Output;
use crate::qr::Qr;

/// Shows the code, and waits for the answer.
pub(super) async fn log_in(
    output: Output,
    qr: Qr,
    client: &Client<Device>,
) -> Result<TokenSet, Failure> {
    let device = client.begin_device().await?;
    output.say("On any device with a browser, open this address:");
    output.say_strong("  ", device.verification_uri.as_str());
    output.say("and type in this code:");
    output.say_strong("  ", &device.user_code);
    // The code is shown all the same, to be compared with that on the page (RFC 8628, section 3.3.1).
    if let Some(complete) = &device.verification_uri_complete
        && qr.draw(complete.as_str())
    {
        output.say("Or point a telephone's camera at this, and compare the code there.");
    }
    output.say("Waiting for you to do that…");
    Ok(client.fetch_token(&device).await?)
}
