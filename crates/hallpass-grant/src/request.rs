//! A request, ready to be sent by anything that speaks HTTP.

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::{AccessToken, Secret, SecretBytes, TokenType};

use crate::Endpoint;
use crate::form::Form;

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

    /// A `POST` with nothing in it yet.
    pub fn post(endpoint: Endpoint) -> Self {
        Self::new(Method::Post, endpoint)
    }

    /// The same for an answer of these media types, instead of JSON.
    #[must_use]
    pub fn accepting(mut self, media_types: &'static str) -> Self {
        self.headers.retain(|(name, _)| *name != "accept");
        self.headers
            .push(("accept", HeaderText::Public(media_types)));
        self
    }

    /// The same request by whoever holds a token (RFC 6750 §2.1). Send it where the token is for, and nowhere else. A token that is bound to
    /// a key needs a proof as well.
    #[must_use]
    pub fn with_access_token(self, token_type: TokenType, token: &AccessToken) -> Self {
        let value = format!("{token_type} {}", token.expose_secret());
        self.with_header("authorization", value.into())
    }

    /// The same with the proof that the token's key is there (RFC 9449 §7.1): what [`DpopKey::proof`](crate::DpopKey::proof) ends in.
    #[must_use]
    pub fn with_proof(self, proof: Secret) -> Self {
        self.with_header("dpop", proof)
    }

    /// The same with an access token in a form (RFC 6750 §2.2), for a `POST` to a server that reads no header.
    #[must_use]
    pub fn with_access_token_in_form(self, token: &AccessToken) -> Self {
        let form = Form::with_capacity(64).field("access_token", token.expose_secret());
        self.with_body("application/x-www-form-urlencoded", form.into_body())
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
