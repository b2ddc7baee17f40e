//! A request, ready to be sent by anything that speaks HTTP.

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::{AccessToken, Secret, SecretBytes};

use crate::Endpoint;

/// A request to be sent once, as it is, with no redirect followed.
///
/// `Debug` shows the method, the address without its query and the names of the headers.
#[derive(Clone)]
pub struct Request {
    method: Method,
    endpoint: Endpoint,
    headers: Vec<(&'static str, HeaderText)>,
    body: SecretBytes,
}

/// What everybody may see need not be wiped.
#[derive(Clone)]
enum HeaderText {
    Public(&'static str),
    Secret(Secret),
}

/// The methods this library uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Request {
    /// Asks for what is at an address, with nothing that says who asks: a metadata document, a server's public keys.
    pub fn get(endpoint: Endpoint) -> Self {
        Self::new(Method::Get, endpoint)
    }

    /// The same request by the bearer of a token (RFC 6750 §2.1). Send it where the token is for, and nowhere else.
    #[must_use]
    pub fn with_bearer(self, token: &AccessToken) -> Self {
        let value = format!("Bearer {}", token.expose_secret());
        self.with_header("authorization", Secret::new(value))
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Where it goes.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Each header's name, in lower case, with its value. `host` and `content-length` are the transport's.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// The body; empty for a `GET` and a `DELETE`.
    pub fn body(&self) -> &SecretBytes {
        &self.body
    }

    pub(crate) fn new(method: Method, endpoint: Endpoint) -> Self {
        let mut headers = Vec::with_capacity(4);
        headers.push(("accept", HeaderText::Public("application/json")));
        Self {
            method,
            endpoint,
            headers,
            body: SecretBytes::default(),
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: Secret) -> Self {
        self.headers.push((name, HeaderText::Secret(value)));
        self
    }

    pub(crate) fn with_body(mut self, media_type: &'static str, body: SecretBytes) -> Self {
        self.body = body;
        self.headers
            .push(("content-type", HeaderText::Public(media_type)));
        self
    }
}

impl HeaderText {
    fn as_str(&self) -> &str {
        match self {
            Self::Public(text) => text,
            Self::Secret(text) => text.expose_secret(),
        }
    }
}

impl Method {
    /// The method's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("endpoint", &self.endpoint)
            .field("headers", &names)
            .field("body", &self.body)
            .finish()
    }
}
