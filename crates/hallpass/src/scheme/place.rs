//! Where in a request a scheme writes.

use std::fmt;

use http::HeaderName;

/// Where in a request a scheme writes. One place has one writer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A header: `Authorization`, or one of the API's own.
    Header(HeaderName),
    /// A parameter of the query, by its decoded name.
    Query(String),
    /// A cookie. Names that differ in case are different cookies (RFC 6265 §5.3).
    Cookie(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header {name}"),
            Self::Query(name) => write!(f, "the query parameter {name:?}"),
            Self::Cookie(name) => write!(f, "the cookie {name}"),
        }
    }
}
