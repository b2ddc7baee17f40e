//! A request, as the server sees it.

use std::fmt;

use crate::{form, mask};

/// One HTTP request.
///
/// Its Debug shows no password, code, token, secret or verifier.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, and the query after a `?`: `/oauth/authorize?client_id=native`.
    pub target: String,
    /// Names (in any case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET.
    pub fn get(target: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.into(),
            ..Self::default()
        }
    }

    /// A POST of a form.
    pub fn post_form(target: impl Into<String>, form: &[(&str, &str)]) -> Self {
        let request = Self {
            method: "POST".to_owned(),
            target: target.into(),
            ..Self::default()
        };
        let mut request = request.with_header("Content-Type", "application/x-www-form-urlencoded");
        request.body = form::encode(form.iter().copied()).into_bytes();
        request
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query, without the `?`; empty where there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The names and values of the query, decoded. What is no form encoding is left out.
    pub fn query_parameters(&self) -> Vec<(String, String)> {
        form::pairs(self.query()).filter_map(Result::ok).collect()
    }

    /// The names and values of the body, read as a form whatever its type. What is no form encoding is left out.
    pub fn form_parameters(&self) -> Vec<(String, String)> {
        let body = String::from_utf8_lossy(&self.body);
        form::pairs(&body).filter_map(Result::ok).collect()
    }

    /// The first value of this name in the form.
    pub fn form_parameter(&self, name: &str) -> Option<String> {
        self.form_parameters()
            .into_iter()
            .find_map(|(found, value)| (found == name).then_some(value))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("target", &mask::url(&self.target))
            .field("headers", &mask::headers(&self.headers))
            .field("body", &mask::body(&self.headers, &self.body))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_in_any_case() {
        let request = Request::get("/").with_header("ACCEPT", "a/b");
        assert_eq!(request.header("accept"), Some("a/b"));
        assert_eq!(request.header("host"), None);
    }

    #[test]
    fn a_form_survives_being_sent() {
        let request = Request::post_form("/t", &[("a b", "&=+%é"), ("c", "")]);
        let expected = [
            ("a b".to_owned(), "&=+%é".to_owned()),
            ("c".to_owned(), String::new()),
        ];
        assert_eq!(request.form_parameters(), expected);
    }

    #[test]
    fn debug_shows_what_was_asked_and_no_secret() {
        let request = Request::post_form(
            "/oauth/token?client_id=native&code=CANARY",
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", "CANARY"),
                ("password", "CANARY"),
            ],
        )
        .with_header("authorization", "Bearer CANARY")
        .with_header("Cookie", "session=CANARY");
        let shown = format!("{request:?}");
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(shown.contains("grant_type=refresh_token"), "{shown}");
        assert!(shown.contains("client_id=native"), "{shown}");
    }
}
