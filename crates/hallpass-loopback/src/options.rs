//! Where to wait, and what the pages say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::{BindError, Colour};

/// Where to wait for the callback, and how the pages look.
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a receiver is bound"]
pub struct Options {
    pub(crate) name: String,
    pub(crate) colour: Option<Colour>,
    pub(crate) address: Address,
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) patience: Duration,
}

impl Options {
    /// For an application with this name: `http://127.0.0.1:{a free port}/callback`, ten minutes long.
    ///
    /// The name stands on the pages, shown as text whatever is in it, and no more than 60 characters of it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            colour: None,
            address: Address::V4,
            port: 0,
            path: "/callback".to_owned(),
            patience: Duration::from_secs(600),
        }
    }

    /// The application's colour on its pages.
    pub fn with_colour(mut self, colour: Colour) -> Self {
        self.colour = Some(colour);
        self
    }

    /// The address to wait at; [`Address::V4`] unless this says otherwise.
    pub fn with_address(mut self, address: Address) -> Self {
        self.address = address;
        self
    }

    /// The port to wait at, for a server that knows the redirect URI to the letter. 0, or not called: a free one, which a server must
    /// allow (RFC 8252 §7.3).
    ///
    /// What a program that had this port before has left in the browser, a service worker above all, may answer in the receiver's place and
    /// read the callback. Every page tells the browser to forget that, but the first try may be lost. A code is worth nothing without the
    /// PKCE verifier: at a given port prefer it to the implicit grant, whose token is not bound to anything.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The path of the redirect URI; `/callback` unless this says otherwise.
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// How long to wait for the user; ten minutes unless this says otherwise.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(crate) fn check(&self) -> Result<(), BindError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let is_path = self.path.starts_with('/')
            && self.path.bytes().all(is_plain)
            // A browser would take these out before it asks.
            && !self.path.split('/').any(|part| [".", ".."].contains(&part));
        match is_path {
            true => Ok(()),
            false => Err(BindError::Path),
        }
    }
}

/// An address that only this machine can reach, as a literal: the name `localhost` may be looked up, and lead elsewhere (RFC 8252 §8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// `127.0.0.1`.
    #[default]
    V4,
    /// `[::1]`.
    V6,
}

impl Address {
    pub(crate) fn ip(self) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::LOCALHOST.into(),
            Self::V6 => Ipv6Addr::LOCALHOST.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_no_browser_writes_in_another_way() {
        for path in ["/", "/callback", "/oauth/call-back_1~", "/a//b"] {
            assert!(Options::new("x").with_path(path).check().is_ok(), "{path}");
        }
        for path in [
            "", "callback", "/a?b", "/a#b", "/ü", "/a b", "/%41", "/../a", "/a/./b", "//e\\",
        ] {
            assert!(Options::new("x").with_path(path).check().is_err(), "{path}");
        }
    }
}
