//! Asking for tokens.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::Session;
use crate::desk::Ask;
use crate::{SessionError, Tokens};

/// Asking for tokens that can be used: what is at hand is handed over as it is, and only waiting is boxed.
///
/// It is written by hand so that it is inlined: handing tokens over from function to function takes as long as reading them.
pub(super) enum Asking<'a> {
    Begun(&'a Session),
    Waiting(Pin<Box<dyn Future<Output = Result<Tokens, SessionError>> + Send + 'a>>),
}

impl Future for Asking<'_> {
    type Output = Result<Tokens, SessionError>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Self::Begun(session) = *self {
            if let Some(tokens) = session.ready() {
                return Poll::Ready(Ok(tokens));
            }
            *self = Self::Waiting(Box::pin(session.get(Ask::Usable)));
        }
        match &mut *self {
            Self::Waiting(tokens) => tokens.as_mut().poll(context),
            Self::Begun(_) => Poll::Pending,
        }
    }
}
