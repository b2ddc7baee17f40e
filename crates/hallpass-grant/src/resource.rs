//! Resource indicators (RFC 8707): what a token is for.

use crate::{Error, Misuse};

/// RFC 8707 §2: an absolute URI without a fragment.
pub(crate) fn check_resource(resource: &str) -> Result<(), Error> {
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
