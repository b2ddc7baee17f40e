//! What a user types to be logged in (OpenID Connect Discovery §2.1).

use std::fmt;
use std::str::FromStr;

use hallpass_grant::InvalidEndpoint;

/// What a user has typed, as a resource and the host that is asked about it (OpenID Connect Discovery §2.1.2).
///
/// ```
/// # use hallpass_oidc::Identifier;
/// # fn main() -> Result<(), hallpass_oidc::InvalidIdentifier> {
/// let identifier = Identifier::new("joe@example.com")?;
/// assert_eq!((identifier.resource(), identifier.host()), ("acct:joe@example.com", "example.com"));
/// let identifier = Identifier::new("example.com:8080")?;
/// assert_eq!((identifier.resource(), identifier.host()), ("https://example.com:8080/", "example.com:8080"));
/// # Ok(()) }
/// ```
/// `Debug` shows the host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier {
    resource: String,
    host: String,
}

/// Why a text is no [`Identifier`], or none that can be asked about. It never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIdentifier {
    /// It is empty, or longer than 512 bytes.
    #[error("an identifier has between 1 and 512 bytes")]
    Length,
    /// It is an XRI (`=joe`, `@joe`, `!joe`), which OpenID Connect reserves.
    #[error("an identifier does not begin with =, @ or !")]
    Xri,
    /// It has a scheme other than `https`, `http` and `acct`.
    #[error("an identifier has the scheme https, http or acct, or none")]
    Scheme,
    /// It has white space, a control character, or in an address one that must be percent-encoded.
    #[error("the identifier has a character that must be percent-encoded")]
    Character,
    /// It names no user where it has to (`acct:example.com`).
    #[error("the identifier names no user before its @")]
    User,
    /// It has no host, or none that can be asked.
    #[error("the identifier's host cannot be asked: {0}")]
    Host(#[source] InvalidEndpoint),
}

impl Identifier {
    /// Reads what a user has typed: an e-mail address, an address of a page, a host, or an `acct:` URI.
    ///
    /// # Errors
    /// [`InvalidIdentifier`] says what is wrong. Whether its host can be asked, [`WebFinger::new`](crate::WebFinger::new) says.
    pub fn new(text: &str) -> Result<Self, InvalidIdentifier> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_LENGTH {
            return Err(InvalidIdentifier::Length);
        }
        if text.starts_with(['=', '@', '!']) {
            return Err(InvalidIdentifier::Xri);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(InvalidIdentifier::Character);
        }
        let (plain, fragment) = match text.split_once('#') {
            Some((plain, fragment)) => (plain, Some(fragment)),
            None => (text, None),
        };
        match Scheme::of(plain) {
            Scheme::Address(authority) => Self::address(plain.to_owned(), authority),
            Scheme::Account(account) => Self::account(plain, account),
            Scheme::Other => Err(InvalidIdentifier::Scheme),
            Scheme::None => match (plain.rsplit_once('@'), fragment) {
                (Some((user, host)), None)
                    if !plain.contains(['/', '?']) && !host.contains(':') =>
                {
                    let resource = format!("acct:{}@{host}", encoded(user));
                    Ok(Self::from_parts(resource, host))
                }
                _ => {
                    let end = plain.find(['/', '?']).unwrap_or(plain.len());
                    let (authority, rest) = plain.split_at(end);
                    let slash = if rest.starts_with('/') { "" } else { "/" };
                    Self::address(format!("https://{authority}{slash}{rest}"), authority)
                }
            },
        }
    }

    /// What is asked about (`resource`, RFC 7033 §4.1).
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The host that is asked, with its port if it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    fn address(resource: String, authority: &str) -> Result<Self, InvalidIdentifier> {
        // What browsers read as another character, or not at all (RFC 3986 §2).
        let is_uri = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
        if !resource.bytes().all(is_uri) {
            return Err(InvalidIdentifier::Character);
        }
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        Ok(Self::from_parts(resource, host))
    }

    fn account(resource: &str, account: &str) -> Result<Self, InvalidIdentifier> {
        match account.rsplit_once('@') {
            Some((user, host)) if !user.is_empty() => {
                if !resource.is_ascii() {
                    return Err(InvalidIdentifier::Character);
                }
                Ok(Self::from_parts(resource.to_owned(), host))
            }
            _ => Err(InvalidIdentifier::User),
        }
    }

    fn from_parts(resource: String, host: &str) -> Self {
        Self {
            resource,
            host: host.to_ascii_lowercase(),
        }
    }
}

const MAX_LENGTH: usize = 512;

/// What a text begins with, and what comes after it.
enum Scheme<'t> {
    Address(&'t str),
    Account(&'t str),
    Other,
    None,
}

impl<'t> Scheme<'t> {
    fn of(text: &'t str) -> Self {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Self::None;
        };
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let port = rest.split(['/', '?']).next().unwrap_or("");
        let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        match rest.strip_prefix("//") {
            Some(rest) if ["https", "http"].contains(&scheme.to_ascii_lowercase().as_str()) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                Self::Address(&rest[..end])
            }
            Some(_) => Self::Other,
            None if scheme.eq_ignore_ascii_case("acct") => Self::Account(rest),
            None if is_scheme && !is_port => Self::Other,
            None => Self::None,
        }
    }
}

/// The user of an `acct:` URI: what is neither unreserved nor a delimiter is percent-encoded (RFC 7565 §7).
fn encoded(user: &str) -> String {
    let mut text = String::with_capacity(user.len());
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(byte.into()),
            byte if b"-._~!$&'()*+,;=".contains(&byte) => text.push(byte.into()),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

impl FromStr for Identifier {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        Self::new(text)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier(at {})", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let identifier = Identifier::new(text).unwrap();
        (identifier.resource, identifier.host)
    }

    #[test]
    fn the_examples_of_the_specification_come_out_alike() {
        for (text, resource, host) in [
            ("joe@example.com", "acct:joe@example.com", "example.com"),
            (
                "https://example.com/joe",
                "https://example.com/joe",
                "example.com",
            ),
            (
                "example.com:8080",
                "https://example.com:8080/",
                "example.com:8080",
            ),
            (
                "acct:juliet%40capulet.example@shopping.example.com",
                "acct:juliet%40capulet.example@shopping.example.com",
                "shopping.example.com",
            ),
            (
                "joe@example.com@example.org",
                "acct:joe%40example.com@example.org",
                "example.org",
            ),
            ("example.com", "https://example.com/", "example.com"),
            ("example.com/joe", "https://example.com/joe", "example.com"),
            (
                "joe@example.com:8080",
                "https://joe@example.com:8080/",
                "example.com:8080",
            ),
        ] {
            assert_eq!(
                parts(text),
                (resource.to_owned(), host.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn whatever_else_people_type_is_read_as_the_specification_has_it() {
        for (text, resource, host) in [
            (" joe@Example.COM ", "acct:joe@Example.COM", "example.com"),
            (
                "jö+k%e@example.com",
                "acct:j%C3%B6+k%25e@example.com",
                "example.com",
            ),
            (
                "HTTPS://Example.com/Joe#x",
                "HTTPS://Example.com/Joe",
                "example.com",
            ),
            (
                "http://example.com/joe",
                "http://example.com/joe",
                "example.com",
            ),
            ("https://example.com", "https://example.com", "example.com"),
            (
                "https://u:p@example.com:1/?q",
                "https://u:p@example.com:1/?q",
                "example.com:1",
            ),
            (
                "https://example.com?a@b",
                "https://example.com?a@b",
                "example.com",
            ),
            ("example.com?q=1", "https://example.com/?q=1", "example.com"),
            (
                "example.com:8080/a?b",
                "https://example.com:8080/a?b",
                "example.com:8080",
            ),
            (
                "joe@example.com#x",
                "https://joe@example.com/",
                "example.com",
            ),
            (
                "joe@example.com/path",
                "https://joe@example.com/path",
                "example.com",
            ),
            (
                "example.com/@joe",
                "https://example.com/@joe",
                "example.com",
            ),
            (
                "ACCT:joe@example.com",
                "ACCT:joe@example.com",
                "example.com",
            ),
            (
                "localhost:8080",
                "https://localhost:8080/",
                "localhost:8080",
            ),
            ("9a:b@example.com", "acct:9a%3Ab@example.com", "example.com"),
        ] {
            assert_eq!(
                parts(text),
                (resource.to_owned(), host.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_names_nobody_anywhere_is_refused() {
        use InvalidIdentifier::*;
        let long = "x".repeat(MAX_LENGTH + 1);
        for (text, error) in [
            ("", Length),
            ("  ", Length),
            (long.as_str(), Length),
            ("=joe", Xri),
            ("@joe", Xri),
            ("!joe", Xri),
            ("mailto:joe@example.com", Scheme),
            ("ftp://example.com", Scheme),
            ("javascript:alert(1)", Scheme),
            ("file:///etc/passwd", Scheme),
            ("joe smith@example.com", Character),
            ("joe\0@example.com", Character),
            ("https://example.com/jö", Character),
            ("acct:jö@example.com", Character),
            ("https://example.com\\@evil.example", Character),
            ("https://example.com/<b>", Character),
            ("acct:example.com", User),
            ("acct:@example.com", User),
        ] {
            assert_eq!(Identifier::new(text), Err(error), "{text:?}");
        }
        assert!(Identifier::new(&"x".repeat(MAX_LENGTH)).is_ok());
    }

    #[test]
    fn debug_shows_no_user() {
        let identifier: Identifier = "canary@example.com".parse().unwrap();
        assert_eq!(format!("{identifier:?}"), "Identifier(at example.com)");
    }
}
