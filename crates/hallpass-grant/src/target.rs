//! What a token is for: resources (RFC 8707) and audiences.

use std::fmt;

use crate::form::push_field;
use crate::{Error, Misuse};

/// What a token is for, as it stands in a form or query.
#[derive(Clone, Default)]
pub(crate) struct Target(String);

/// An address may have a query, so how many there are is all that is shown.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} targets",
            self.0.split('&').filter(|own| !own.is_empty()).count()
        )
    }
}

impl Target {
    /// For one more resource: the absolute address of an API, without a fragment (RFC 8707 §2).
    pub(crate) fn with_resource(mut self, resource: &str) -> Result<Self, Error> {
        check_resource(resource)?;
        push_field(&mut self.0, "resource", resource);
        Ok(self)
    }

    /// For one more audience, by the name that the server knows it by.
    pub(crate) fn with_audience(mut self, audience: &str) -> Self {
        push_field(&mut self.0, "audience", audience);
        self
    }

    /// The fields, joined by `&`; empty for no target.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_resource(resource: &str) -> Result<(), Error> {
    let scheme = resource.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    match is_scheme && is_without_fragment(resource.as_bytes()) {
        true => Ok(()),
        false => Err(Misuse::Invalid {
            field: "resource",
            reason: "it is not an absolute address, or has a fragment or a character that must be percent-encoded",
        }
        .into()),
    }
}

/// Whether all of it may stand in a URI (RFC 3986 §2), but for the `#` that begins a fragment.
fn is_without_fragment(mut uri: &[u8]) -> bool {
    loop {
        uri = match uri {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [
                b'%' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}',
                ..,
            ] => {
                return false;
            }
            [b'!'..=b'~', rest @ ..] => rest,
            _ => return false,
        }
    }
}
