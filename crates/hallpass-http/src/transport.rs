//! What carries a request to a server.

use async_trait::async_trait;

use hallpass_grant::{Request, Response};

use crate::TransportError;

/// Sends a request once and gives back the answer, whatever its status.
///
/// Whoever writes one owes the conversations this:
/// - the request goes out once, as it is; nothing is sent again, whatever happens;
/// - no redirect is followed: a 3xx is an answer like any other, because what a token endpoint is sent
///   (a code, a client secret) belongs to no other place;
/// - no header is added that belongs to another server, no cookie is kept;
/// - the whole exchange ends in a bounded time, and what is read is bounded;
/// - an error says honestly whether something [may have been sent](TransportError::lost).
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request.
    ///
    /// # Errors
    /// [`TransportError`] when no whole answer came.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}
