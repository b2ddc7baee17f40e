//! What came back, as far as a conversation looks at it.

use std::fmt;
use std::time::Duration;

use hallpass_token::{Members, SecretBytes};

use crate::{Error, Refused, Violation};

/// An answer, whatever its status.
///
/// Build it from what an HTTP client gave, or convert an `http::Response` (feature `http`).
/// `Debug` shows the status and how long the body is.
#[derive(Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: SecretBytes,
}

/// The headers a conversation looks at; the others are not kept.
const KEPT: [&str; 2] = ["content-type", "retry-after"];

impl Response {
    /// An answer with this status, no headers and no body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: SecretBytes::default(),
        }
    }

    /// The same answer with a header. Those that no conversation looks at are not kept.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Some(name) = KEPT.iter().find(|kept| name.eq_ignore_ascii_case(kept)) {
            self.headers.push((*name, value.to_owned()));
        }
        self
    }

    /// The same answer with a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<SecretBytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.body.expose_secret()
    }

    /// How long the server asks to be left alone. Dates are not read: they need a clock the client may not have.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header("retry-after")?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
    }

    /// The JSON object of a success, or what the server refused with.
    pub(crate) fn json(&self) -> Result<Members, Error> {
        match self.status {
            200..=299 => {}
            _ => return Err(self.refusal().into()),
        }
        if !self.header("content-type").is_none_or(is_json) {
            return Err(Violation::ContentType.into());
        }
        let members = Members::read(self.body()).map_err(Violation::from)?;
        match self.error(&members) {
            Some(refused) => Err(refused.into()),
            None => Ok(members),
        }
    }

    fn refusal(&self) -> Refused {
        let members = Members::read(self.body()).unwrap_or_default();
        let plain = || Refused::by_status(self.status).with_retry_after(self.retry_after());
        self.error(&members).unwrap_or_else(plain)
    }

    /// The error object of RFC 6749 §5.2, if that is what the body is.
    fn error(&self, members: &Members) -> Option<Refused> {
        let text = |name| members.value(name).and_then(|value| value.as_str());
        let code = text("error").filter(|code| !code.is_empty())?;
        let refused = Refused::by_status(self.status)
            .with_code(code)
            .with_texts(text("error_description"), text("error_uri"))
            .with_retry_after(self.retry_after());
        Some(refused)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body", &self.body)
            .finish()
    }
}

const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json")
}
