//! Whom a session's token may be given to.

use std::fmt;

use serde::Deserialize;

/// Whom a session's token may be given to: a server, and there everything, or what is below a path.
///
/// `https://git.example`, `https://git.example:8443/team`. Without a scheme, `registry.example`, it is `https`; `http` is for this
/// machine alone. A server is the same only if scheme, host and port are: no token goes to a host whose name ends alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Target {
    scheme: String,
    host: String,
    port: u16,
    /// Without slashes at its ends; empty: everything.
    path: String,
}

/// Why a text is no [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// Neither `https`, nor `http` on this machine: the token could be read on the way.
    Scheme,
    /// No host name or address, user info, or a port that is none.
    Host,
    /// A query, a fragment, a `.` or `..` segment, a backslash, a `%`, or a character that is not printable ASCII.
    Path,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// [`InvalidTarget`] says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, InvalidTarget> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        Self::of(scheme, host, path)
    }

    /// Puts one together; `host` may have a port behind it.
    ///
    /// # Errors
    /// [`InvalidTarget`] says what is wrong with it.
    pub fn of(scheme: &str, host: &str, path: &str) -> Result<Self, InvalidTarget> {
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        let usual = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(InvalidTarget::Scheme),
        };
        let (name, port) = match host.rsplit_once(':') {
            // The last colon of `[::1]` is not one before a port.
            Some((_, after)) if after.ends_with(']') => (host.as_str(), usual),
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (name, port.parse().map_err(|_| InvalidTarget::Host)?)
            }
            Some(_) => return Err(InvalidTarget::Host),
            None => (host.as_str(), usual),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        if name.is_empty() || port == 0 || !name.bytes().all(is_name) {
            return Err(InvalidTarget::Host);
        }
        let is_local = matches!(name, "localhost" | "[::1]") || is_loopback(name);
        if scheme == "http" && !is_local {
            return Err(InvalidTarget::Scheme);
        }
        let path = path.trim_matches('/');
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#%\\".contains(&byte);
        let climbs = |segment: &str| matches!(segment, "." | "..");
        if !path.bytes().all(is_plain) || path.split('/').any(climbs) {
            return Err(InvalidTarget::Path);
        }
        Ok(Self {
            scheme,
            host: name.to_owned(),
            port,
            path: path.to_owned(),
        })
    }

    /// Whether what is asked for is this server, and at or below this path.
    pub fn contains(&self, asked: &Self) -> bool {
        self.is_same_server(asked)
            && match asked.path.strip_prefix(&self.path) {
                Some(rest) => self.path.is_empty() || rest.is_empty() || rest.starts_with('/'),
                None => false,
            }
    }

    /// Whether it is the same server, whatever is asked for there.
    pub fn is_same_server(&self, other: &Self) -> bool {
        (&self.scheme, &self.host, self.port) == (&other.scheme, &other.host, other.port)
    }

    /// Whether it is a part of a server alone.
    pub fn has_path(&self) -> bool {
        !self.path.is_empty()
    }
}

fn is_loopback(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback())
}

impl TryFrom<String> for Target {
    type Error = InvalidTarget;

    fn try_from(text: String) -> Result<Self, InvalidTarget> {
        Self::new(&text)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = if self.scheme == "https" { 443 } else { 80 };
        write!(f, "{}://{}", self.scheme, self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        match self.path.as_str() {
            "" => Ok(()),
            path => write!(f, "/{path}"),
        }
    }
}

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a token goes over https alone (http is for this machine)",
            Self::Host => "there is no host name or address in it, or more than that",
            Self::Path => {
                "its path has a query, a fragment, a dot segment or an odd character in it"
            }
        })
    }
}

impl std::error::Error for InvalidTarget {}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::new(text).unwrap()
    }

    #[test]
    fn scheme_host_and_port_have_to_be_the_same() {
        let own = target("https://git.example");
        for same in [
            "https://GIT.example",
            "git.example",
            "https://git.example:443/",
            "https://git.example/team/app.git",
        ] {
            assert!(own.contains(&target(same)), "{same}");
        }
        for other in [
            "https://git.example.evil.example",
            "https://evil-git.example",
            "https://it.example",
            "https://git.example:8443",
            "https://git.example.",
            "http://localhost/git.example",
        ] {
            assert!(!own.contains(&target(other)), "{other}");
        }
    }

    #[test]
    fn a_path_contains_what_is_below_it_and_not_what_begins_alike() {
        let own = target("https://git.example/team");
        assert!(own.contains(&target("https://git.example/team")));
        assert!(own.contains(&target("https://git.example/team/app.git")));
        for other in [
            "https://git.example",
            "https://git.example/teams",
            "https://git.example/other/team",
            "https://git.example/TEAM",
        ] {
            assert!(!own.contains(&target(other)), "{other}");
        }
    }

    #[test]
    fn what_could_be_read_two_ways_is_no_target() {
        for (text, why) in [
            ("http://git.example", InvalidTarget::Scheme),
            ("ssh://git.example", InvalidTarget::Scheme),
            ("https://git.example@evil.example", InvalidTarget::Host),
            ("https://git.example:pass@evil.example", InvalidTarget::Host),
            ("https://git.example:99999", InvalidTarget::Host),
            ("https://", InvalidTarget::Host),
            ("", InvalidTarget::Host),
            ("https://git.example\\@evil.example", InvalidTarget::Host),
            ("https://git example", InvalidTarget::Host),
            ("https://gít.example", InvalidTarget::Host),
            ("https://git.example/a/../b", InvalidTarget::Path),
            ("https://git.example/a?b", InvalidTarget::Path),
            ("https://git.example/a#b", InvalidTarget::Path),
            ("https://git.example/a b", InvalidTarget::Path),
            ("https://git.example/a/%2e%2e/b", InvalidTarget::Path),
        ] {
            assert_eq!(Target::new(text), Err(why), "{text}");
        }
    }

    #[test]
    fn this_machine_may_speak_http() {
        for text in [
            "http://localhost:3000",
            "http://127.0.0.1:80/x",
            "http://[::1]:3000",
        ] {
            target(text);
        }
        assert_eq!(
            target("http://127.0.0.1:80/x/").to_string(),
            "http://127.0.0.1/x"
        );
        assert_eq!(
            target("Registry.example:5000").to_string(),
            "https://registry.example:5000"
        );
    }
}
