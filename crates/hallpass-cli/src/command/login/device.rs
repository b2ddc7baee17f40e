//! A login on another device (RFC 8628).

use hallpass::{Client, Device, DeviceAuthorization, ErrorCode, ProviderError, TokenSet};
use tokio::time::timeout;

use super::How;
use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::Output;
use crate::proof::Proof;
use crate::runtime;

/// Asks the server for a code.
pub(super) async fn begin(
    account: &Account,
    proof: &Proof,
) -> Result<DeviceAuthorization, Failure> {
    let client: Client<Device> = account.client(proof)?;
    client.begin_device().await.map_err(|error| {
        let is_not_allowed = is_not_allowed(&error);
        let failure = Failure::from(error);
        match is_not_allowed {
            true => failure.next("log in with a browser instead: leave --device out; --no-browser takes one on another machine"),
            false => failure,
        }
    })
}

/// The same where the way was but proposed. `None`: the server has it not for this client, and the person is told.
pub(super) fn begin_if_allowed(
    output: Output,
    account: &Account,
    proof: &Proof,
) -> Result<Option<DeviceAuthorization>, Failure> {
    runtime::wait(async {
        let client: Client<Device> = account.client(proof)?;
        match client.begin_device().await {
            Ok(code) => Ok(Some(code)),
            Err(error) if is_not_allowed(&error) => {
                output.say("The server does not let this client log in with a code, so a browser is needed.");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Whether another way may do (RFC 6749, section 5.2).
fn is_not_allowed(error: &ProviderError) -> bool {
    let code = error.refused().and_then(|refused| refused.code());
    [
        &ErrorCode::UNAUTHORIZED_CLIENT,
        &ErrorCode::UNSUPPORTED_GRANT_TYPE,
    ]
    .into_iter()
    .any(|own| Some(own) == code)
}

/// Shows the code, and waits for the answer.
pub(super) async fn log_in(
    output: Output,
    how: &How,
    client: &Client<Device>,
    device: &DeviceAuthorization,
) -> Result<TokenSet, Failure> {
    output.say("On any device with a browser, open this address:");
    output.say_strong("  ", device.verification_uri.as_str());
    output.say("and type in this code:");
    output.say_strong("  ", &device.user_code);
    // The code is shown all the same, to be compared with that on the page (RFC 8628, section 3.3.1).
    if let Some(complete) = &device.verification_uri_complete
        && how.qr.draw(complete.as_str())
    {
        output.say("Or point a telephone's camera at this, and compare the code there.");
    }
    output.say("Waiting for you to do that…");
    let answer = client.fetch_token(device);
    let Some(patience) = how.patience else {
        return Ok(answer.await?);
    };
    match timeout(patience, answer).await {
        Ok(tokens) => Ok(tokens?),
        Err(_) => Err(Failure::new(
            Exit::TimedOut,
            format!("nobody logged in within {} seconds", patience.as_secs()),
        )
        .next("begin again; --timeout SECONDS waits longer")),
    }
}
