//! The transport on the browser's own `fetch`.

mod exchange;

use std::time::Duration;

use async_trait::async_trait;

use hallpass_grant::{Lost, Request, Response};

use crate::event_loop;
use crate::{Transport, TransportError, TransportErrorKind};

/// A [`Transport`] on the `fetch` of a page, a worker or a JavaScript server, on `wasm32-unknown-unknown`.
///
/// - A request ends after 15 seconds in all, an answer at 1 MiB; both can be set. A longer answer is an error, never cut off.
/// - No redirect is followed. A browser does not say which one it was: it is told as an answer 302 without a `location`.
/// - No cookie is sent or kept, nothing is cached, no `referer` says which page asked.
/// - `fetch` does not say why it failed, nor whether the server has seen the request: that is told as [`Lost::MaybeSent`],
///   also where nobody answers, and where the server does not allow the page's origin (CORS).
/// - Dropping the future ends the request.
#[derive(Clone, Debug)]
pub struct FetchTransport {
    timeout: Duration,
    max_body: usize,
}

const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BODY: usize = 1024 * 1024;

impl FetchTransport {
    /// A transport as it is by default.
    pub fn new() -> Self {
        Self {
            timeout: TIMEOUT,
            max_body: MAX_BODY,
        }
    }

    /// How long a request may take in all, until the last byte of the answer; 15 seconds unless set.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes the body of an answer may have once it is unpacked; 1,048,576 (1 MiB) unless set.
    #[must_use]
    pub fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}

impl Default for FetchTransport {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for FetchTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let endpoint = request.endpoint().clone();
        let (timeout, max_body) = (self.timeout, self.max_body);
        let answer = event_loop::begin(async move {
            let late = TransportErrorKind::Timeout;
            let late = TransportError::new(late, Lost::MaybeSent, request.endpoint());
            let answer = event_loop::within(timeout, exchange::exchange(&request, max_body)).await;
            answer.unwrap_or(Err(late))
        });
        let gone = TransportError::new(TransportErrorKind::Interrupted, Lost::MaybeSent, &endpoint);
        answer.await.unwrap_or(Err(gone))
    }
}
