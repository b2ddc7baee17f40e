//! Why no answer came.

use std::error::Error as StdError;
use std::fmt;

use hallpass_grant::{Endpoint, Lost};

/// Why no answer came, and how much the server may have seen.
///
/// Its text, its Debug and its sources name the server and the path, never a query, a header or a body.
/// Whoever makes one takes the address out of the source first.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    lost: Lost,
    endpoint: Endpoint,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What went wrong between here and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The server's name has no address, or nobody answers there.
    Connect,
    /// The server could not prove that it is who it should be, or speaks no TLS in common with us.
    Tls,
    /// The time a request may take is over.
    Timeout,
    /// The answer is larger than an answer may be.
    TooLarge,
    /// The connection ended, or what came over it is not HTTP, before there was a whole answer.
    Interrupted,
    /// This transport cannot send this request, or not from here.
    InvalidRequest,
    /// Anything else.
    Other,
}

impl TransportError {
    /// No answer came from this endpoint.
    ///
    /// `lost` is [`Lost::NotSent`] only when surely no byte of the request left this machine.
    pub fn new(kind: TransportErrorKind, lost: Lost, endpoint: &Endpoint) -> Self {
        Self {
            kind,
            lost,
            endpoint: endpoint.clone(),
            source: None,
        }
    }

    /// The same error with what caused it, which must not show the query of the address it was sent to.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// How much of the request may have reached the server.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    /// The server: scheme, host and port.
    pub fn origin(&self) -> &str {
        self.endpoint.origin()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.endpoint.as_str();
        let shown = whole.split_once('?').map_or(whole, |(path, _)| path);
        write!(f, "{shown}: {}", self.kind)
    }
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection was made: check the host name, the network and the proxy, and try again",
            Self::Tls => {
                "the server's certificate was not accepted: check its host name, its dates and this machine's clock, \
                 and add its root certificate if it is one of your own; or it speaks no TLS at this port"
            }
            Self::Timeout => "no answer in time: try again later",
            Self::TooLarge => "the answer is too large to be one: check the address",
            Self::Interrupted => "the connection ended before there was an answer: try again",
            Self::InvalidRequest => "the transport cannot send this request: the cause says why",
            Self::Other => "the request failed: the cause says why",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
