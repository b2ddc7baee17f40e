//! The reqwest transport for callers without a runtime.

use std::error::Error as StdError;

use hallpass_grant::{Lost, Request, Response};

use super::Transport;
use crate::{SetupError, TransportError, TransportErrorKind};

/// [`ReqwestTransport`](crate::ReqwestTransport) for callers without a runtime: the same client, the same limits.
///
/// Each request runs on a small runtime of its own, on the calling thread.
#[derive(Clone, Debug)]
pub struct ReqwestTransport(crate::ReqwestTransport);

impl ReqwestTransport {
    /// A transport as it is by default.
    ///
    /// # Errors
    /// [`SetupError`], when this machine has no root certificates to trust.
    pub fn new() -> Result<Self, SetupError> {
        crate::ReqwestTransport::new().map(Self)
    }
}

impl From<crate::ReqwestTransport> for ReqwestTransport {
    fn from(transport: crate::ReqwestTransport) -> Self {
        Self(transport)
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let endpoint = request.endpoint().clone();
        let not_sent = |source: Box<dyn StdError + Send + Sync>| {
            TransportError::new(TransportErrorKind::InvalidRequest, Lost::NotSent, &endpoint)
                .with_source(source)
        };
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(not_sent(
                "this thread drives an async runtime: use the async transport".into(),
            ));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| not_sent(error.into()))?;
        let outcome = runtime.block_on(crate::Transport::send(&self.0, request));
        // Waiting for a name that is still being looked up would outlast the timeout.
        runtime.shutdown_background();
        outcome
    }
}
