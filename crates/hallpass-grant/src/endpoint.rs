//! Where requests may go: less than the URL standard allows, so that everybody reads it the same way.

use core::net::IpAddr;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Reach;
use crate::form::push_foreign_field;

/// The address of an endpoint (RFC 6749 §3), or of a server's metadata.
///
/// Absolute, ASCII, `https`, or `http` where the host is this machine (`localhost`, `127.0.0.0/8`,
/// `[::1]`). A query is kept (RFC 6749 §3.1). Host names are lower case; international ones stand in their
/// `xn--` form. No user info, fragment, backslash, white space or dot segment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint(Arc<str>);

/// Why a text is no [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is empty, or longer than 2,048 bytes.
    #[error("an endpoint has between 1 and 2048 bytes")]
    Length,
    /// Neither `https://` nor `http://` begins it.
    #[error("an endpoint begins with https:// (http:// is for this machine alone)")]
    Scheme,
    /// `http` to a host that is not this machine: everything sent could be read on the way.
    #[error("an endpoint on another machine must be https")]
    Insecure,
    /// A server elsewhere names an address on this machine.
    #[error("a server on another machine names an address on this one")]
    Inward,
    /// Somebody whom nobody knows names an address that is not on the Internet.
    #[error(
        "the address is not on the Internet: private, link-local, reserved, or a name of one network's own"
    )]
    NotPublic,
    /// The host is empty, has upper case letters, or is not a host name or an IP address in its usual form.
    #[error("the endpoint's host is not a lower-case host name or an IP address in its usual form")]
    Host,
    /// The port is not a number from 1 to 65535 without leading zeros.
    #[error("the endpoint's port is not a number from 1 to 65535")]
    Port,
    /// A user name or password stands before the host.
    #[error("an endpoint has no user name or password in it")]
    UserInfo,
    /// A `#` (RFC 6749 §3.1 and §3.2 forbid a fragment).
    #[error("an endpoint has no fragment (RFC 6749 section 3.1)")]
    Fragment,
    /// A query where an issuer was to be (RFC 8414 §2).
    #[error("an issuer has no query (RFC 8414 section 2)")]
    Query,
    /// A character that must be percent-encoded, or a `%` without two hexadecimal digits.
    #[error("the character at byte {0} of the endpoint must be percent-encoded")]
    Character(usize),
    /// A segment `.` or `..`.
    #[error("an endpoint has no . or .. segment in its path")]
    DotSegment,
}

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] says which rule the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidEndpoint> {
        let text = text.as_ref();
        check(text)?;
        Ok(Self(text.into()))
    }

    /// Reads an address that a server names: one on this machine, under whatever name it has there, only if that server is there itself, so
    /// that no server from elsewhere has this machine call its own services.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] says which rule the text breaks.
    pub fn told_by(teller: &Self, text: impl AsRef<str>) -> Result<Self, InvalidEndpoint> {
        let told = Self::new(text)?;
        let is_here = |endpoint: &Self| endpoint.reach() == Reach::ThisMachine;
        match is_here(&told) && !is_here(teller) {
            true => Err(InvalidEndpoint::Inward),
            false => Ok(told),
        }
    }

    /// Reads an address that somebody names whom nobody knows: one no nearer than what it is named from. A server on the Internet names only
    /// others there, as far as a host tells that.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] says which rule the text breaks.
    pub fn told_by_stranger(teller: &Self, text: impl AsRef<str>) -> Result<Self, InvalidEndpoint> {
        let told = Self::told_by(teller, text)?;
        match told.reach() < teller.reach() {
            true => Err(InvalidEndpoint::NotPublic),
            false => Ok(told),
        }
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: who is talked to.
    pub fn origin(&self) -> &str {
        let rest = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[rest..]
            .find(['/', '?'])
            .map_or(self.0.len(), |at| rest + at);
        &self.0[..end]
    }

    /// The query without its `?`.
    pub fn query(&self) -> Option<&str> {
        self.0.split_once('?').map(|(_, query)| query)
    }

    /// The address with these parameters behind its own query, form-encoded: where a user agent is sent.
    pub fn with_parameters<'p>(
        &self,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> String {
        let mut url = self.as_str().to_owned();
        let mut separator = if self.has_query() { "" } else { "?" };
        for (name, value) in parameters {
            url.push_str(std::mem::take(&mut separator));
            push_foreign_field(&mut url, name, value);
        }
        url
    }

    /// Whether the host is this machine, so that what is sent there needs no TLS.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// From where the host can be reached, as far as its name or address tells.
    pub fn reach(&self) -> Reach {
        let host = self.host();
        let address: Option<IpAddr> = match bracketed(host) {
            Some(address) => address.parse().ok(),
            None => host.parse().ok(),
        };
        address.map_or_else(|| Reach::of_name(host), Reach::of)
    }

    fn host(&self) -> &str {
        let host = self.origin().split_once("://").map_or("", |(_, host)| host);
        split_port(host).0
    }

    pub(crate) fn has_query(&self) -> bool {
        self.0.as_bytes().contains(&b'?')
    }

    pub(crate) fn without_query(&self) -> &str {
        self.0.split_once('?').map_or(&*self.0, |(path, _)| path)
    }
}

/// Shows no query.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.without_query())
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(text: String) -> Result<Self, InvalidEndpoint> {
        Self::new(text)
    }
}

impl std::str::FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        Self::new(text)
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0.as_ref().to_owned()
    }
}

const MAX_LENGTH: usize = 2048;

fn check(text: &str) -> Result<(), InvalidEndpoint> {
    if text.is_empty() || text.len() > MAX_LENGTH {
        return Err(InvalidEndpoint::Length);
    }
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(InvalidEndpoint::Scheme),
    };
    let begin = text.len() - rest.len();
    if rest.contains('#') {
        return Err(InvalidEndpoint::Fragment);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.contains('@') {
        return Err(InvalidEndpoint::UserInfo);
    }
    check_authority(authority)?;
    check_tail(tail, begin + end)?;
    match secure || is_loopback(split_port(authority).0) {
        true => Ok(()),
        false => Err(InvalidEndpoint::Insecure),
    }
}

fn check_authority(authority: &str) -> Result<(), InvalidEndpoint> {
    let (host, port) = split_port(authority);
    if let Some(port) = port {
        let number: u16 = port.parse().map_err(|_| InvalidEndpoint::Port)?;
        if number == 0 || port.starts_with(['0', '+']) {
            return Err(InvalidEndpoint::Port);
        }
    }
    match is_host(host) {
        true => Ok(()),
        false => Err(InvalidEndpoint::Host),
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The last colon of `[::1]` is not one before a port.
        Some((_, after)) if after.ends_with(']') => (authority, None),
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = bracketed(host) {
        // Written as Rust writes it, so that one address has one form.
        return address.parse::<core::net::Ipv6Addr>().is_ok_and(|parsed| {
            parsed.to_ipv4_mapped().is_none() && parsed.to_string() == address
        });
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    // The URL standard reads a host whose last label is a number as an IPv4 address, in many notations.
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        return host.parse::<core::net::Ipv4Addr>().is_ok();
    }
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        })
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

fn is_loopback(host: &str) -> bool {
    match bracketed(host) {
        Some(address) => address == "::1",
        None => {
            host == "localhost"
                || host
                    .parse::<core::net::Ipv4Addr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

/// Path and query, which begin at byte `at` of the whole.
fn check_tail(tail: &str, at: usize) -> Result<(), InvalidEndpoint> {
    let (path, _) = tail.split_once('?').unwrap_or((tail, ""));
    let bytes = tail.as_bytes();
    for (offset, byte) in bytes.iter().enumerate() {
        let allowed = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'(' | b')' | b'*' | b'+' | b','
            | b';' | b'=' | b':' | b'@' | b'/' | b'?' => true,
            // The URL standard encodes an apostrophe in a query and leaves it in a path.
            b'\'' => offset < path.len(),
            b'%' => {
                matches!(bytes.get(offset + 1..offset + 3), Some(hex) if hex.iter().all(u8::is_ascii_hexdigit))
            }
            _ => false,
        };
        if !allowed {
            return Err(InvalidEndpoint::Character(at + offset));
        }
    }
    let dots = |segment: &str| {
        let plain = segment.replace("%2e", ".").replace("%2E", ".");
        plain == "." || plain == ".."
    };
    match path.split('/').any(dots) {
        true => Err(InvalidEndpoint::DotSegment),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_everybody_reads_alike_are_taken() {
        for text in [
            "https://petstore.swagger.io/oauth/authorize",
            "https://www.dropbox.com/oauth2/authorize",
            "https://as.example",
            "https://as.example:8443/token?tenant=1",
            "http://localhost:4801/token",
            "http://127.0.0.1:9/a/b%20c",
            "http://[::1]:80/",
            "https://192.0.2.7/x",
            "https://xn--bcher-kva.example/",
        ] {
            assert_eq!(Endpoint::new(text).map(String::from).as_deref(), Ok(text));
        }
    }

    #[test]
    fn each_broken_rule_has_its_own_error() {
        use InvalidEndpoint::*;
        for (text, error) in [
            ("", Length),
            ("file:///etc/passwd", Scheme),
            ("//evil.example/", Scheme),
            ("HTTPS://as.example", Scheme),
            ("http://as.example/", Insecure),
            ("http://127.0.0.1.evil.example/", Insecure),
            ("http://0x7f.1/", Host),
            ("http://2130706433/", Host),
            ("https://AS.example/", Host),
            ("https:///path", Host),
            ("https://a..b/", Host),
            ("https://bücher.example/", Host),
            ("https://[::ffff:127.0.0.1]/", Host),
            ("https://as.example:0/", Port),
            ("https://as.example:/", Port),
            ("https://as.example:65536/", Port),
            ("https://user:pw@as.example/", UserInfo),
            ("https://as.example\\@evil.example/", UserInfo),
            ("https://as.example/\\evil", Character(19)),
            ("https://as.example/#f", Fragment),
            ("https://as.example/a b", Character(20)),
            ("https://as.example/%zz", Character(19)),
            ("https://as.example/\r\nHost:x", Character(19)),
            ("https://as.example/a/../b", DotSegment),
            ("https://as.example/%2E%2e/b", DotSegment),
        ] {
            assert_eq!(Endpoint::new(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_query() {
        let endpoint = Endpoint::new("https://as.example/token?key=canary").unwrap();
        assert_eq!(
            format!("{endpoint:?}"),
            "Endpoint(https://as.example/token)"
        );
        assert_eq!(endpoint.origin(), "https://as.example");
        assert_eq!(endpoint.query(), Some("key=canary"));
    }

    #[test]
    fn parameters_stand_behind_the_endpoints_own_query() {
        let with = |text| {
            let endpoint = Endpoint::new(text).unwrap();
            endpoint.with_parameters([("a", "b c&"), ("d", "é")])
        };
        assert_eq!(
            with("https://as.example/end"),
            "https://as.example/end?a=b+c%26&d=%C3%A9"
        );
        assert_eq!(
            with("https://as.example/end?t=1"),
            "https://as.example/end?t=1&a=b+c%26&d=%C3%A9"
        );
        assert_eq!(
            with("https://as.example/end?"),
            "https://as.example/end?a=b+c%26&d=%C3%A9"
        );
        let bare = Endpoint::new("https://as.example/end").unwrap();
        assert_eq!(bare.with_parameters([]), bare.as_str());
    }

    #[test]
    fn a_server_elsewhere_names_no_address_on_this_machine_whatever_it_is_called_there() {
        let told = |teller: &str, text: &str| {
            let teller = Endpoint::new(teller).unwrap();
            Endpoint::told_by(&teller, text).map(|_| ())
        };
        for host in [
            "localhost",
            "a.localhost",
            "127.1.2.3",
            "0.0.0.0",
            "[::]",
            "[::1]",
            "localhost.localdomain",
            "ip6-localhost:8443",
            "ip6-loopback",
            "[::7f00:1]",
            "[64:ff9b::7f00:1]",
            "[::ffff:0:7f00:1]",
        ] {
            let text = format!("https://{host}/x");
            for teller in ["https://op.example", "https://10.0.0.1"] {
                let inward = Err(InvalidEndpoint::Inward);
                assert_eq!(told(teller, &text), inward, "{host}");
            }
            for teller in ["http://localhost:1", "https://ip6-localhost"] {
                assert_eq!(told(teller, &text), Ok(()), "{host}");
            }
        }
        assert_eq!(told("https://op.example", "https://10.0.0.1"), Ok(()));
    }

    #[test]
    fn a_stranger_names_nothing_that_is_nearer_than_it_is() {
        let told = |teller: &str, text: &str| {
            let teller = Endpoint::new(teller).unwrap();
            Endpoint::told_by_stranger(&teller, text).map(|_| ())
        };
        for host in ["10.0.0.1", "[fe80::1]", "169.254.169.254:80", "intranet"] {
            let text = format!("https://{host}/x");
            let refused = Err(InvalidEndpoint::NotPublic);
            assert_eq!(told("https://op.example", &text), refused, "{host}");
            assert_eq!(told("https://192.168.0.1", &text), Ok(()), "{host}");
            assert_eq!(told("http://localhost", &text), Ok(()), "{host}");
        }
        let here = told("https://op.example", "https://ip6-localhost");
        assert_eq!(here, Err(InvalidEndpoint::Inward));
        assert_eq!(told("https://op.example", "https://1.1.1.1"), Ok(()));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let loopback = |text| Endpoint::new(text).unwrap().is_loopback();
        assert!(loopback("http://localhost"));
        assert!(loopback("https://127.9.9.9:1/x"));
        assert!(loopback("http://[::1]"));
        assert!(!loopback("https://localhost.example"));
        assert!(!loopback("https://10.0.0.1"));
    }
}
