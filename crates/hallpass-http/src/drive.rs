//! The one loop over responses, for async callers.

use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Conversation, Error, ErrorKind, Input, Response, Signature, Step};

use crate::{Runtime, SignError, Signer, Transport, TransportError};

/// Carries out what a conversation says until it is done.
///
/// Dropping the future gives up: what was sent stays sent, and the conversation stands where its last
/// step left it. What must not be given up runs on [`Runtime::spawn`].
///
/// # Errors
/// The conversation's own. When it gave up because of the network, the [`TransportError`] is the error's
/// source; when the signer failed, the [`SignError`] is, and nothing was sent.
pub async fn drive<C: Conversation + ?Sized>(
    conversation: &mut C,
    transport: &dyn Transport,
    signer: &dyn Signer,
    runtime: &dyn Runtime,
) -> Result<C::Output, Error> {
    let (mut input, mut lost) = (Input::Begin, None);
    loop {
        let now = runtime.now();
        let step = conversation.step(input, now);
        match step.map_err(|error| explained(error, lost.take()))? {
            Step::Send(request) => (input, lost) = heard(transport.send(request).await),
            Step::Sign(asked) => input = signed(signer.sign(&asked).await)?,
            Step::Wait(at) => {
                runtime.sleep(pause(now, at)).await;
                input = Input::Woken;
            }
            Step::Done(output) => return Ok(output),
        }
    }
}

/// What a conversation is told about its request, and what is kept to explain an error with.
pub(crate) fn heard(outcome: Result<Response, TransportError>) -> (Input, Option<TransportError>) {
    match outcome {
        Ok(response) => (Input::Response(response), None),
        Err(error) => (Input::Lost(error.lost()), Some(error)),
    }
}

pub(crate) fn signed(outcome: Result<Signature, SignError>) -> Result<Input, Error> {
    outcome.map(Input::Signature).map_err(Error::transport)
}

/// How long it is until then. Measured once, so that a wall clock that is set back keeps nobody waiting.
pub(crate) fn pause(now: UtcDateTime, at: UtcDateTime) -> Duration {
    Duration::try_from(at - now).unwrap_or(Duration::ZERO)
}

/// The conversation's error with what the transport said, where that is why.
pub(crate) fn explained(error: Error, lost: Option<TransportError>) -> Error {
    match (error.kind(), lost) {
        (ErrorKind::Transport | ErrorKind::InDoubt, Some(lost)) => error.with_source(lost),
        (_, _) => error,
    }
}
