//! The one loop over responses, for async callers.

use std::error::Error as StdError;
use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Conversation, Error, ErrorKind, Input, Misuse, Response, Signature, Step};

use crate::{Runtime, SignError, Signer, Transport, TransportError};

/// Carries out what a conversation says until it is done.
///
/// Dropping the future gives up: what was sent stays sent, and the conversation stands where its last
/// step left it. What must not be given up runs on [`Runtime::spawn`].
///
/// # Errors
/// The conversation's own. When it gave up because of the network, the [`TransportError`] is the error's
/// source; when the signer failed, the [`SignError`] is.
pub async fn drive<C: Conversation + ?Sized>(
    conversation: &mut C,
    transport: &dyn Transport,
    signer: &dyn Signer,
    runtime: &dyn Runtime,
) -> Result<C::Output, Error> {
    let (mut input, mut failure) = (Input::Begin, None);
    loop {
        let now = runtime.now();
        let step = conversation.step(input, now);
        match step.map_err(|error| explained(error, failure.take()))? {
            Step::Send(request) => (input, failure) = heard(transport.send(request).await),
            Step::Sign(asked) => (input, failure) = signed(signer.sign(&asked).await),
            Step::Wait(at) => {
                runtime.sleep(pause(now, at)).await;
                input = Input::Woken;
            }
            Step::Done(output) => return Ok(output),
        }
    }
}

/// What has failed: it explains the error that the conversation makes of it, if it makes one.
pub(crate) type Failure = Box<dyn StdError + Send + Sync>;

/// What a conversation is told about its request, and what is kept to explain an error with.
pub(crate) fn heard(outcome: Result<Response, TransportError>) -> (Input, Option<Failure>) {
    match outcome {
        Ok(response) => (Input::Response(response), None),
        Err(error) => (Input::Lost(error.lost()), Some(error.into())),
    }
}

/// The same for a signature.
pub(crate) fn signed(outcome: Result<Signature, SignError>) -> (Input, Option<Failure>) {
    match outcome {
        Ok(signature) => (Input::Signature(signature), None),
        Err(error) => (Input::NotSigned(error.reason()), Some(error.into())),
    }
}

/// How long it is until then. Measured once, so that a wall clock that is set back keeps nobody waiting.
pub(crate) fn pause(now: UtcDateTime, at: UtcDateTime) -> Duration {
    Duration::try_from(at - now).unwrap_or(Duration::ZERO)
}

/// The conversation's error with what has failed, where that is why.
pub(crate) fn explained(error: Error, failure: Option<Failure>) -> Error {
    match (error.kind(), failure) {
        (
            ErrorKind::Transport
            | ErrorKind::InDoubt
            | ErrorKind::Expired(_)
            | ErrorKind::KeyLost
            | ErrorKind::Misuse(Misuse::UnknownSigningKey),
            Some(failure),
        ) => error.with_source(failure),
        (_, _) => error,
    }
}
