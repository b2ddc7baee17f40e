//! The one shape every protocol conversation has.
//!
//! A conversation does no I/O. It is told what happened and says what to do next, until it is done.
//! What drives it (a loop of eight lines, see `hallpass-http`) owns the socket, the keys and the clock.

use time::UtcDateTime;

use crate::{Error, Request, Response, Signature, SigningInput};

/// A conversation with an authorization server, driven from outside.
///
/// Begin with [`Input::Begin`], do what the returned [`Step`] says, and give what
/// came of it to the next call, until [`Step::Done`] or an error. `now` is the time of the call, UTC.
///
/// An input that answers nothing (a signature where a response is awaited) is
/// [`ErrorKind::Misuse`](crate::ErrorKind::Misuse) and changes nothing: the conversation still waits
/// for what it asked for. Any other error ends it, unless that error's documentation says otherwise.
pub trait Conversation {
    /// What the conversation is for.
    type Output;

    /// Takes what happened, says what to do next.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind): it says who is to blame.
    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<Self::Output>, Error>;
}

/// What to do next.
#[must_use = "a conversation goes on only if its step is carried out"]
#[derive(Debug)]
pub enum Step<T> {
    /// Send this request once, follow no redirect, and come back with
    /// [`Input::Response`] or [`Input::Lost`].
    Send(Request),
    /// Sign this with the key it names and come back with [`Input::Signature`] or [`Input::NotSigned`].
    Sign(SigningInput),
    /// Come back with [`Input::Woken`] at this time (UTC), not before.
    Wait(UtcDateTime),
    /// The conversation is over.
    Done(T),
}

/// What happened since the last step.
#[derive(Debug)]
pub enum Input {
    /// Nothing yet: the conversation begins.
    Begin,
    /// The answer to [`Step::Send`], whatever its status.
    Response(Response),
    /// No answer to [`Step::Send`] came.
    Lost(Lost),
    /// The answer to [`Step::Sign`].
    Signature(Signature),
    /// No answer to [`Step::Sign`] came.
    NotSigned(NotSigned),
    /// The time of [`Step::Wait`] has come.
    Woken,
}

/// How much of a request whose answer was lost may have reached the server.
///
/// The difference decides whether something that can be used only once (a code, a refresh token) is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lost {
    /// Surely nothing: the connection was never made.
    NotSent,
    /// Perhaps all of it. When in doubt, this one.
    MaybeSent,
}

/// Why there is no signature.
///
/// The difference decides what is to be done: who asks again later gets a signature, or never will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSigned {
    /// The signer has no such key.
    UnknownKey,
    /// The signer has the key and did not sign this time.
    Failed,
}
