//! What the browser is told to keep, and to keep no longer.

use std::time::Duration;

use axum::{
    http::{HeaderValue, header::SET_COOKIE},
    response::{IntoResponseParts, ResponseParts},
};

use crate::failed::Failed;

/// The `Set-Cookie` headers of an answer. What goes in is made by [`Home::cookie`](crate::Home), which knows every guard.
#[derive(Default)]
pub(crate) struct SetCookies(Vec<String>);

impl SetCookies {
    /// Kept until the browser is closed.
    pub(crate) fn keep(&mut self, cookie: String) {
        self.0.push(cookie);
    }

    /// Kept for this time, in whole seconds.
    pub(crate) fn keep_for(&mut self, cookie: &str, time: Duration) {
        self.0.push(format!("{cookie}; Max-Age={}", time.as_secs()));
    }

    /// Kept no longer.
    pub(crate) fn remove(&mut self, cookie: &str) {
        self.keep_for(cookie, Duration::ZERO);
    }
}

impl IntoResponseParts for SetCookies {
    type Error = Failed;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Failed> {
        for cookie in self.0 {
            let value = HeaderValue::try_from(cookie)?;
            parts.headers_mut().append(SET_COOKIE, value);
        }
        Ok(parts)
    }
}
