//! A response, and how it is delivered.

use std::{fmt, time::Duration};

use crate::mask;

/// One HTTP response.
///
/// Its Debug shows no code and no token, and of the body only how long it is.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What whoever owns the connection is asked to do with it.
    pub delivery: Delivery,
}

/// How a response gets to the client. Everything but [`Whole`](Delivery::Whole) is a [`Fault`](crate::Fault).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Delivery {
    /// As it is.
    #[default]
    Whole,
    /// Not at all, and the connection stays open.
    Hang,
    /// Not at all, and the connection is closed.
    Close,
    /// The body, and then spaces for ever.
    Endless,
    /// One byte at a time.
    Drip {
        /// The time between two bytes.
        every: Duration,
    },
}

impl Response {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn html(status: u16, page: String) -> Self {
        Self::new(status)
            .header("Content-Type", "text/html; charset=utf-8")
            .with_body(page)
    }

    pub(crate) fn json(status: u16, json: impl Into<Vec<u8>>) -> Self {
        Self::new(status)
            .header("Content-Type", "application/json")
            .with_body(json)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The value of the first header of this name, in any case.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The `Location`.
    pub fn location(&self) -> Option<&str> {
        self.header_value("Location")
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &mask::headers(&self.headers))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("delivery", &self.delivery)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_token() {
        let location = "https://app.example/cb?iss=x#access_token=CANARY&scope=read";
        let shown = format!(
            "{:?}",
            Response::json(302, "CANARY").header("Location", location)
        );
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(shown.contains("scope=read"), "{shown}");
    }
}
