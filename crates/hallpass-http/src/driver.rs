//! Transport, signer and runtime in one value.

use std::fmt;
use std::sync::Arc;

use time::UtcDateTime;

use hallpass_grant::{Conversation, Error, Request, SigningInput};

use crate::runtime::utc;
use crate::{Heard, NoSigner, Runtime, Signer, Transport, drive};

/// Transport, signer and runtime in one value that is cheap to clone.
#[derive(Clone)]
pub struct Driver {
    transport: Arc<dyn Transport>,
    signer: Arc<dyn Signer>,
    runtime: Arc<dyn Runtime>,
}

impl Driver {
    /// A driver that signs nothing.
    pub fn new(transport: impl Transport + 'static, runtime: impl Runtime + 'static) -> Self {
        Self {
            transport: Arc::new(transport),
            signer: Arc::new(NoSigner),
            runtime: Arc::new(runtime),
        }
    }

    /// A driver on the tokio runtime of whoever uses it, with a [`ReqwestTransport`](crate::ReqwestTransport)
    /// as it is by default.
    ///
    /// # Errors
    /// [`SetupError`](crate::SetupError), when this machine has no root certificates to trust.
    #[cfg(all(feature = "reqwest", feature = "tokio"))]
    pub fn tokio() -> Result<Self, crate::SetupError> {
        let transport = crate::ReqwestTransport::new()?;
        Ok(Self::new(transport, crate::TokioRuntime))
    }

    /// A driver on the page or the worker that uses it, with a [`FetchTransport`](crate::FetchTransport) as it is by default.
    #[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
    pub fn browser() -> Self {
        Self::new(crate::FetchTransport::new(), crate::BrowserRuntime)
    }

    /// The same driver with keys.
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.signer = Arc::new(signer);
        self
    }

    /// Carries out what a conversation says until it is done: see [`drive`].
    ///
    /// # Errors
    /// As [`drive`].
    pub async fn drive<C: Conversation + ?Sized>(
        &self,
        conversation: &mut C,
    ) -> Result<C::Output, Error> {
        drive(
            conversation,
            &*self.transport,
            &*self.signer,
            &*self.runtime,
        )
        .await
    }

    /// Sends one request: a step of a conversation that is a part of something larger.
    pub async fn send(&self, request: Request) -> Heard {
        Heard::answer(self.transport.send(request).await)
    }

    /// Signs: the same for [`Step::Sign`](hallpass_grant::Step::Sign).
    pub async fn sign(&self, input: &SigningInput) -> Heard {
        Heard::signature(self.signer.sign(input).await)
    }

    /// The time now, UTC, as the runtime has it.
    pub fn now(&self) -> UtcDateTime {
        utc(self.runtime.now())
    }

    /// The runtime, for what must outlive its caller.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
