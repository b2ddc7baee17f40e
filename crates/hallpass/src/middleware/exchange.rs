//! One request with its answers, until one of them stands.

#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};

use crate::{Applied, Outgoing, Security, SecurityError};

/// One authorised request: what is sent after an answer, or that the answer stands. It sends nothing itself.
pub(crate) struct Exchange<R> {
    applied: Applied,
    /// The request as it was before anything was put on it. `None`: its body can be sent once.
    copy: Option<R>,
}

impl<R: Outgoing> Exchange<R> {
    /// Puts on the request what the requirement needs.
    pub(crate) async fn begin(
        security: &Security,
        mut request: R,
        copy: Option<R>,
    ) -> Result<(Self, R), SecurityError> {
        let applied = security.authorize(&mut request).await?;
        Ok((Self { applied, copy }, request))
    }

    /// The request to be sent after an answer. `None`: the answer stands.
    ///
    /// Where the body can be sent once, the sources are told all the same what was refused: the next request has something better.
    pub(crate) async fn answered(
        self,
        status: StatusCode,
        headers: &HeaderMap,
        repeat: impl Fn(&R) -> Option<R>,
    ) -> Result<Option<(Self, R)>, SecurityError> {
        let Some(left) = self.applied.answered(status, headers) else {
            return Ok(None);
        };
        let Some(mut again) = self.copy else {
            // What comes of it the next request is told.
            let _ = left.tell_refusal().await;
            return Ok(None);
        };
        let copy = repeat(&again);
        let applied = left.authorize_again(&mut again).await?;
        Ok(applied.map(|applied| (Self { applied, copy }, again)))
    }
}

impl<R> Exchange<R> {
    /// How the request was authorised.
    #[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
    pub(crate) fn applied(&self) -> &Applied {
        &self.applied
    }

    /// Takes off what was written in the query where an answer redirects to.
    #[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
    pub(crate) fn clean(&self, headers: &mut HeaderMap) {
        let location = headers.get(LOCATION).and_then(|own| own.to_str().ok());
        let cleaned = location.and_then(|location| self.applied.without_secrets(location));
        if let Some(Ok(cleaned)) = cleaned.map(|text| text.parse()) {
            headers.insert(LOCATION, cleaned);
        }
    }
}
