//! The same without async: transports, signers, clocks and the same loop.

use std::time::{Duration, SystemTime};

use hallpass_grant::{Conversation, Error, Request, Response, Signature, SigningInput, Step};

use crate::drive::pause;
use crate::runtime::{steady, utc};
use crate::{Heard, SignError, TransportError};

#[cfg(feature = "reqwest")]
mod reqwest_transport;

#[cfg(feature = "reqwest")]
pub use reqwest_transport::ReqwestTransport;

/// Carries out what a conversation says until it is done, and blocks the thread meanwhile.
///
/// # Errors
/// As [`drive`](crate::drive).
pub fn drive<C: Conversation + ?Sized>(
    conversation: &mut C,
    transport: &dyn Transport,
    signer: &dyn Signer,
    clock: &dyn Clock,
) -> Result<C::Output, Error> {
    let mut heard = Heard::nothing();
    loop {
        let now = utc(clock.now());
        heard = match heard.told(|input| conversation.step(input, now))? {
            Step::Send(request) => Heard::answer(transport.send(request)),
            Step::Sign(asked) => Heard::signature(signer.sign(&asked)),
            Step::Wait(at) => {
                clock.sleep(pause(now, at));
                Heard::woken()
            }
            Step::Done(output) => return Ok(output),
        }
    }
}

/// Sends a request once and gives back the answer, whatever its status. It owes what an async
/// [`Transport`](crate::Transport) owes.
pub trait Transport: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    /// [`TransportError`] when no whole answer came.
    fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// Signs with the keys it holds, as an async [`Signer`](crate::Signer) does.
pub trait Signer: Send + Sync {
    /// Signs `input.bytes()` with the key and the algorithm that `input.key()` names.
    ///
    /// # Errors
    /// [`SignError`]; nothing has been sent then.
    fn sign(&self, input: &SigningInput) -> Result<Signature, SignError>;
}

/// Tells the time and waits.
pub trait Clock: Send + Sync {
    /// The time now by the wall clock.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// How long it is since some moment of this process, by a clock that is never set: see
    /// [`Runtime::steady`](crate::Runtime::steady).
    fn steady(&self) -> Duration {
        steady()
    }

    /// Blocks the thread this long by a steady clock, never shorter.
    fn sleep(&self, duration: Duration);
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}
