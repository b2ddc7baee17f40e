//! What is common to all logins that were begun.

use crate::{Callback, Pending, ResponseMode, ResponseType};

/// A login that was begun and waits for its callback: a [`Pending`], or what an extension has made of one.
///
/// For what holds logins or waits for callbacks without knowing what comes of them.
pub trait Begun {
    /// Whether this callback answers this login. It compares `state` alone, in constant time, and takes nothing.
    fn expects(&self, callback: &Callback<'_>) -> bool;

    /// The part of the redirect that the response must be in.
    fn response_mode(&self) -> ResponseMode;
}

impl<R: ResponseType> Begun for Pending<R> {
    fn expects(&self, callback: &Callback<'_>) -> bool {
        self.expects(callback)
    }

    fn response_mode(&self) -> ResponseMode {
        self.response_mode()
    }
}
