//! What a middleware puts on requests, and on which.

use std::fmt;
use std::sync::Arc;

use crate::{Applied, Origin, Outgoing, Security, SecurityError};

use super::Exchange;

/// What becomes of a request to an origin that the schemes are not for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherOrigins {
    /// It is not sent: [`SecurityError::OtherOrigin`].
    #[default]
    Refused,
    /// It goes out as it is, with nothing put on it.
    Bare,
}

/// What a middleware puts on requests, and on which.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) security: Security,
    pub(crate) other_origins: OtherOrigins,
    observer: Option<Observer>,
}

type Observer = Arc<dyn Fn(&Applied) + Send + Sync>;

impl Policy {
    pub(crate) fn new(security: Security) -> Self {
        Self {
            security,
            other_origins: OtherOrigins::Refused,
            observer: None,
        }
    }

    pub(crate) fn with_observer(
        mut self,
        observer: impl Fn(&Applied) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Whether a request goes out with nothing put on it.
    pub(crate) fn leaves_bare(&self, request: &impl Outgoing) -> bool {
        let is_ours = |origin: Origin| self.security.check_origin(&origin).is_ok();
        self.other_origins == OtherOrigins::Bare && !request.origin().is_ok_and(is_ours)
    }

    /// Begins an exchange.
    pub(crate) async fn begin<R: Outgoing>(
        &self,
        request: R,
        copy: Option<R>,
    ) -> Result<(Exchange<R>, R), SecurityError> {
        let begun = Exchange::begin(&self.security, request, copy).await?;
        self.observe(&begun.0);
        Ok(begun)
    }

    pub(crate) fn observe<R>(&self, exchange: &Exchange<R>) {
        if let Some(observer) = &self.observer {
            observer(exchange.applied());
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("security", &self.security)
            .field("other_origins", &self.other_origins)
            .finish_non_exhaustive()
    }
}
