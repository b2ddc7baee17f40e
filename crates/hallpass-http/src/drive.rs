//! The one loop over responses, for async callers.

use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Conversation, Error, Step};

use crate::runtime::utc;
use crate::{Heard, Runtime, Signer, Transport};

/// Carries out what a conversation says until it is done.
///
/// Dropping the future gives up: what was sent stays sent, and the conversation stands where its last
/// step left it. What must not be given up runs on [`Runtime::spawn`].
///
/// # Errors
/// The conversation's own. When it gave up because of the network, the [`TransportError`](crate::TransportError) is the error's
/// source; when the signer failed, the [`SignError`](crate::SignError) is.
pub async fn drive<C: Conversation + ?Sized>(
    conversation: &mut C,
    transport: &dyn Transport,
    signer: &dyn Signer,
    runtime: &dyn Runtime,
) -> Result<C::Output, Error> {
    let mut heard = Heard::nothing();
    loop {
        let now = utc(runtime.now());
        heard = match heard.told(|input| conversation.step(input, now))? {
            Step::Send(request) => Heard::answer(transport.send(request).await),
            Step::Sign(asked) => Heard::signature(signer.sign(&asked).await),
            Step::Wait(at) => {
                runtime.sleep(pause(now, at)).await;
                Heard::woken()
            }
            Step::Done(output) => return Ok(output),
        }
    }
}

/// How long it is until then. Measured once, so that a wall clock that is set back keeps nobody waiting.
pub(crate) fn pause(now: UtcDateTime, at: UtcDateTime) -> Duration {
    Duration::try_from(at - now).unwrap_or(Duration::ZERO)
}
