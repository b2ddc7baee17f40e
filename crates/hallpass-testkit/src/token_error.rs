//! A refusal by the token endpoint (RFC 6749 §5.2).

use crate::{Response, json};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TokenError {
    error: String,
    description: String,
    status: u16,
}

impl TokenError {
    pub(crate) fn new(error: &str, description: &str) -> Self {
        Self {
            error: error.to_owned(),
            description: description.to_owned(),
            status: 400,
        }
    }

    /// `invalid_client` for a client that used the Authorization header: 401, and which scheme would be right.
    pub(crate) fn basic(description: &str) -> Self {
        Self {
            status: 401,
            ..Self::new("invalid_client", description)
        }
    }

    pub(crate) fn invalid_grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) fn not_registered() -> Self {
        let description = "the client is not registered for this grant_type";
        Self::new("unauthorized_client", description)
    }

    /// RFC 8707 §2.
    pub(crate) fn invalid_target(description: &str) -> Self {
        Self::new("invalid_target", description)
    }

    pub(crate) fn response(&self) -> Response {
        let members = [
            ("error", &self.error),
            ("error_description", &self.description),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), json::text(value)));
        let response = Response::json(self.status, json::object(&members))
            .header("Cache-Control", "no-store")
            .header("Pragma", "no-cache");
        match self.status {
            401 => response.header(
                "WWW-Authenticate",
                "Basic realm=\"testkit\", charset=\"UTF-8\"",
            ),
            _ => response,
        }
    }
}
