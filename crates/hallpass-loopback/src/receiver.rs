//! Waiting for the callback.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use tokio::time::timeout;

use hallpass_grant::token::Secret;
use hallpass_grant::{Begun, Callback, ResponseMode};

use crate::connections::Connections;
use crate::desk::{Decision, Desk};
use crate::page::Pages;
use crate::{BindError, Options, ReceiveError, Received};

/// A port of this machine's own, where the browser brings the callback of one login (RFC 8252 §7.3).
///
/// From [`bind`](Self::bind) on a browser may come: it waits until [`receive`](Self::receive) is called. Nothing is served before.
pub struct Receiver {
    listener: TcpListener,
    at: SocketAddr,
    path: String,
    patience: Duration,
    page_token: Secret,
    pages: Pages,
}

impl Receiver {
    /// Takes a port of `127.0.0.1` or `[::1]`, and of no other address. Needs no runtime.
    ///
    /// # Errors
    /// [`BindError`]: the port is in use, the path cannot be one, or the system gives no socket or no randomness.
    pub fn bind(options: Options) -> Result<Self, BindError> {
        options.check()?;
        let at = SocketAddr::new(options.address.ip(), options.port);
        let listener = TcpListener::bind(at).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { port: options.port },
            _ => BindError::Socket(error),
        })?;
        let at = listener.local_addr().map_err(BindError::Socket)?;
        let mut drawn = [0; 32];
        getrandom::fill(&mut drawn).map_err(|_| BindError::Random)?;
        Ok(Self {
            listener,
            at,
            patience: options.patience,
            page_token: Base64UrlUnpadded::encode_string(&drawn).into(),
            pages: Pages::new(&options),
            path: options.path,
        })
    }

    /// What the authorization request must name: `http://127.0.0.1:4711/callback`.
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.at, self.path)
    }

    /// Waits for the callback of this login, and takes exactly one.
    ///
    /// Whatever else comes is answered with a page and costs nothing: a wrong `state`, a foreign `Host`, a guess of the browser's. The
    /// browser waits for its page until [`Received::tell`] says how the login ended.
    ///
    /// Dropped, it closes every connection and the port is free. It needs tokio, with its I/O and its clock.
    ///
    /// # Errors
    /// [`ReceiveError::TimedOut`] when nobody came back within [`Options::with_patience`].
    pub async fn receive(self, login: &impl Begun) -> Result<Received, ReceiveError> {
        let patience = self.patience;
        let mode = login.response_mode();
        let taken = self.wait(mode, |callback| login.expects(callback));
        let timed_out = |_| ReceiveError::TimedOut(patience);
        timeout(patience, taken).await.map_err(timed_out)?
    }

    async fn wait(
        self,
        mode: ResponseMode,
        expects: impl Fn(&Callback<'_>) -> bool,
    ) -> Result<Received, ReceiveError> {
        let mut connections = Connections::new(self.listener).map_err(ReceiveError::Socket)?;
        let desk = Desk {
            authority: self.at.to_string(),
            path: self.path,
            mode,
            page_token: self.page_token,
        };
        loop {
            let call = connections.next().await;
            match desk.waiting(&call.head, &call.body, &expects) {
                Decision::Show(status, page) => {
                    call.reply.send(self.pages.response(status, &page));
                }
                Decision::Take(kept) => {
                    return Ok(Received::new(
                        kept,
                        call.reply,
                        connections,
                        desk,
                        self.pages,
                    ));
                }
            }
        }
    }
}

/// Shows where it waits, and not what its page knows.
impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("redirect_uri", &self.redirect_uri())
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
