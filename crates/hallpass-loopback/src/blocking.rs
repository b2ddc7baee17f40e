//! The same for a program without async: [`Receiver`], [`Received`].
//!
//! ```no_run
//! # fn example(client: hallpass_grant::Client) -> Result<(), Box<dyn std::error::Error>> {
//! # fn begin(_: &str) -> Result<(String, hallpass_grant::Pending<hallpass_grant::Code>), std::io::Error> { unreachable!() }
//! # fn exchange(_: hallpass_grant::Callback<'_>) -> Result<(), std::io::Error> { Ok(()) }
//! use hallpass_loopback::{Options, blocking::Receiver};
//!
//! let receiver = Receiver::bind(Options::new("Photo Printer"))?;
//! let (url, pending) = begin(&receiver.redirect_uri())?;
//! println!("Open {url}");
//! let received = receiver.receive(&pending)?;
//! let result = exchange(received.callback());
//! received.tell(result)?;
//! # Ok(()) }
//! ```

use std::fmt;

use tokio::runtime::{Builder, Runtime};

use hallpass_grant::{Begun, Callback};

use crate::{BindError, Options, ReceiveError};

/// [`Receiver`](crate::Receiver) on the thread that calls it. Not for a thread that an async runtime has: there it panics.
pub struct Receiver {
    inner: crate::Receiver,
    runtime: Runtime,
}

/// [`Received`](crate::Received) on the thread that calls it.
#[must_use = "the browser waits for `tell`"]
pub struct Received {
    // First, so that its connections end before what they run on.
    inner: crate::Received,
    runtime: Runtime,
}

impl Receiver {
    /// As [`Receiver::bind`](crate::Receiver::bind).
    ///
    /// # Errors
    /// As there.
    pub fn bind(options: Options) -> Result<Self, BindError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            inner: crate::Receiver::bind(options)?,
            runtime: runtime.map_err(BindError::Socket)?,
        })
    }

    /// As [`Receiver::redirect_uri`](crate::Receiver::redirect_uri).
    pub fn redirect_uri(&self) -> String {
        self.inner.redirect_uri()
    }

    /// As [`Receiver::receive`](crate::Receiver::receive).
    ///
    /// # Errors
    /// As there.
    pub fn receive(self, login: &impl Begun) -> Result<Received, ReceiveError> {
        let inner = self.runtime.block_on(self.inner.receive(login))?;
        Ok(Received {
            inner,
            runtime: self.runtime,
        })
    }
}

impl Received {
    /// As [`Received::callback`](crate::Received::callback).
    pub fn callback(&self) -> Callback<'_> {
        self.inner.callback()
    }

    /// As [`Received::tell`](crate::Received::tell).
    ///
    /// # Errors
    /// None of its own: it is the result that it was given.
    pub fn tell<T, E: fmt::Display>(self, result: Result<T, E>) -> Result<T, E> {
        self.runtime.block_on(self.inner.tell(result))
    }
}

impl<'a> From<&'a Received> for Callback<'a> {
    fn from(received: &'a Received) -> Self {
        received.callback()
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
