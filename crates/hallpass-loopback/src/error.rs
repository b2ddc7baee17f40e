//! What can go wrong on this machine. What a server says is no error here: it is in the callback.

use std::io;
use std::time::Duration;

/// A receiver could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program, or another login of this one, has the port.
    #[error(
        "port {port} is in use: end what has it, or leave the port to the system, which RFC 8252 §7.3 makes servers allow"
    )]
    InUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The redirect URI's path cannot be one.
    #[error(
        "the path of the redirect URI must begin with `/` and have only letters, digits and `-._~/` in it, as in `/callback`"
    )]
    Path,
    /// There is no randomness, and so no page that could relay a fragment.
    #[error("the random source failed: nothing that must not be guessed can be made")]
    Random,
    /// The system gives no socket. Where IPv6 is turned off, that is what binding `[::1]` says.
    #[error("the system gives no socket on this machine's own address: {0}")]
    Socket(#[source] io::Error),
}

/// No callback has come.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The user has not come back in time.
    #[error("nobody came back from the browser within {} seconds: begin the login again", .0.as_secs())]
    TimedOut(Duration),
    /// The system gives up the socket.
    #[error("the system no longer lets this program listen: {0}")]
    Socket(#[source] io::Error),
}
