//! Whom a request goes to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;

use hallpass_grant::{Endpoint, InvalidEndpoint};

/// Scheme, host and port (RFC 6454 §4): whom a secret may be shown to.
///
/// `https`, or `http` where the host is this machine. Two are equal when all three are; upper and lower case of a
/// host name are the same, and so are a default port and none.
///
/// ```
/// # use hallpass::Origin;
/// let origin = Origin::new("https://API.example:443")?;
/// assert_eq!(origin, Origin::try_from(&"https://api.example/v2?page=1".parse::<http::Uri>()?)?);
/// assert_ne!(origin, Origin::new("https://api.example:8443")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(Arc<str>);

/// Why an address has no [`Origin`] that a secret could be shown to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// It has no scheme or no host, so nobody knows where it goes.
    #[error("the address has no scheme and host: write it as https://host/path")]
    Relative,
    /// More than scheme, host and port.
    #[error("an origin is scheme, host and port alone: leave out the path and what comes after it")]
    Path,
    /// Scheme, host or port cannot be used.
    #[error(transparent)]
    Address(#[from] InvalidEndpoint),
}

impl Origin {
    /// Reads `https://host` or `https://host:port`, with or without a `/` at the end.
    ///
    /// # Errors
    /// [`InvalidOrigin`] says which rule the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidOrigin> {
        let endpoint = Endpoint::new(text.as_ref().to_ascii_lowercase())?;
        match endpoint.as_str().strip_prefix(endpoint.origin()) {
            Some("" | "/") => Ok(Self::from(&endpoint)),
            _ => Err(InvalidOrigin::Path),
        }
    }

    /// As it is compared: in lower case, without a default port.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(scheme: Option<&str>, authority: Option<&str>) -> Result<Self, InvalidOrigin> {
        match (scheme, authority) {
            (Some(scheme), Some(authority)) => Self::new(format!("{scheme}://{authority}")),
            _ => Err(InvalidOrigin::Relative),
        }
    }
}

impl From<&Endpoint> for Origin {
    fn from(endpoint: &Endpoint) -> Self {
        let whole = endpoint.origin();
        let default = match whole.starts_with("https:") {
            true => ":443",
            false => ":80",
        };
        Self(whole.strip_suffix(default).unwrap_or(whole).into())
    }
}

impl From<&Origin> for Origin {
    fn from(origin: &Origin) -> Self {
        origin.clone()
    }
}

/// The origin a request with this URI goes to. A user name in it is refused.
impl TryFrom<&Uri> for Origin {
    type Error = InvalidOrigin;

    fn try_from(uri: &Uri) -> Result<Self, InvalidOrigin> {
        Self::of(uri.scheme_str(), uri.authority().map(|own| own.as_str()))
    }
}

/// The origin a request with this URL goes to. A user name in it is refused.
#[cfg(feature = "reqwest")]
impl TryFrom<&reqwest::Url> for Origin {
    type Error = InvalidOrigin;

    fn try_from(url: &reqwest::Url) -> Result<Self, InvalidOrigin> {
        let authority = url.has_host().then(|| url.authority());
        Self::of(Some(url.scheme()), authority)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        Self::new(text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_default_ports_make_no_other_origin() {
        for (text, same) in [
            ("HTTPS://API.Example", "https://api.example"),
            ("https://api.example:443/", "https://api.example"),
            ("http://localhost:80", "http://localhost"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[2001:db8::443]", "https://[2001:db8::443]"),
            ("https://[2001:db8::443]:443", "https://[2001:db8::443]"),
            ("https://api.example:80", "https://api.example:80"),
        ] {
            assert_eq!(Origin::new(text).unwrap().as_str(), same, "{text}");
        }
    }

    #[test]
    fn what_differs_by_one_part_is_another_origin() {
        let origin = Origin::new("https://api.example").unwrap();
        for other in [
            "https://api.example:8443",
            "https://www.api.example",
            "https://api.example.evil.example",
            "https://api-example",
            "https://example",
        ] {
            assert_ne!(Origin::new(other).unwrap(), origin, "{other}");
        }
        let here = Origin::new("http://127.0.0.1").unwrap();
        assert_ne!(Origin::new("https://127.0.0.1").unwrap(), here);
        assert_ne!(Origin::new("http://localhost").unwrap(), here);
    }

    #[test]
    fn what_is_no_origin_is_told_why() {
        for (text, error) in [
            ("", InvalidEndpoint::Length.into()),
            ("api.example", InvalidEndpoint::Scheme.into()),
            ("ftp://api.example", InvalidEndpoint::Scheme.into()),
            ("http://api.example", InvalidEndpoint::Insecure.into()),
            ("https://", InvalidEndpoint::Host.into()),
            ("https://api.example.", InvalidEndpoint::Host.into()),
            ("https://b\u{fc}cher.example", InvalidEndpoint::Host.into()),
            ("https://0x7f.1", InvalidEndpoint::Host.into()),
            ("https://api.example:", InvalidEndpoint::Port.into()),
            ("https://api.example:65536", InvalidEndpoint::Port.into()),
            ("https://u:p@api.example", InvalidEndpoint::UserInfo.into()),
            ("https://api.example/v2", InvalidOrigin::Path),
            ("https://api.example?x=1", InvalidOrigin::Path),
        ] {
            assert_eq!(Origin::new(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_uri_without_a_host_has_no_origin() {
        for text in ["/x", "*", "api.example:443"] {
            let uri: Uri = text.parse().unwrap();
            assert_eq!(Origin::try_from(&uri), Err(InvalidOrigin::Relative));
        }
        let uri: Uri = "https://alice@api.example/".parse().unwrap();
        let refused = InvalidOrigin::Address(InvalidEndpoint::UserInfo);
        assert_eq!(Origin::try_from(&uri), Err(refused));
    }
}
