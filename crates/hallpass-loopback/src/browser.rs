//! The system browser, where a login belongs (RFC 8252 §4): the user's own, with its address bar, cookies and password manager.

use std::fmt;
use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use url::Url;
use webbrowser::{Browser, BrowserOptions};

/// How long a launcher is waited for. Those with a window come back at once; one in the terminal is the user's as long as they like.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens an address in the user's browser: the one that `BROWSER` names, or the system's.
///
/// Only an absolute `http` or `https` address goes there, as one argument of a program, without a shell (that an authorization
/// server's metadata was run as a command is CVE-2025-6514). What the browser prints is not seen. It waits for no more than a
/// few seconds, and not for the user.
///
/// # Errors
/// [`BrowserError`]; the address it was given stands ready to be printed all the same.
pub fn open(url: &str) -> Result<(), BrowserError> {
    let url = checked(url)?;
    let (done, outcome) = mpsc::channel();
    let launch = move || {
        let options = BrowserOptions::new();
        let launched =
            webbrowser::open_browser_with_options(Browser::Default, url.as_str(), &options);
        // Nobody waits for a browser in the terminal.
        let _ = done.send(launched);
    };
    let thread = thread::Builder::new().name("browser".to_owned());
    thread.spawn(launch).map_err(BrowserError::Missing)?;
    match outcome.recv_timeout(PATIENCE) {
        Ok(Err(error)) => Err(BrowserError::Missing(error)),
        Ok(Ok(())) | Err(_) => Ok(()),
    }
}

/// No browser was opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// This must not reach a browser. It comes from your code or from the authorization server's metadata.
    #[error("not opened in a browser: {0}")]
    Address(InvalidAddress),
    /// There is none, or it cannot be started: print the address.
    #[error("no browser could be started: print the address, and ask the user to open it")]
    Missing(#[source] io::Error),
}

/// What is wrong with an address. Has nothing of the address in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// It is not absolute, or cannot be read.
    NotAbsolute,
    /// It is neither `http` nor `https`.
    Scheme,
    /// A name or a password stands in it.
    UserInfo,
    /// A character that stands in no address: a space, a quote, a control character, one that is not ASCII.
    Character,
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "the address is not an absolute one",
            Self::Scheme => "the address is neither http nor https",
            Self::UserInfo => "the address has a name or a password in it",
            Self::Character => "the address has a character in it that must be percent-encoded",
        })
    }
}

fn checked(address: &str) -> Result<Url, BrowserError> {
    // The parser would mend these without a word.
    let is_ours = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    if !address.bytes().all(is_ours) {
        return Err(BrowserError::Address(InvalidAddress::Character));
    }
    let url =
        Url::parse(address).map_err(|_| BrowserError::Address(InvalidAddress::NotAbsolute))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(BrowserError::Address(InvalidAddress::Scheme));
    }
    // `https:as.example` and `https:///as.example` are read as `https://as.example`.
    let rest = address.get(url.scheme().len()..).unwrap_or("");
    if !rest.starts_with("://") || rest.starts_with(":///") {
        return Err(BrowserError::Address(InvalidAddress::NotAbsolute));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BrowserError::Address(InvalidAddress::UserInfo));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_absolute_http_address_is_let_through() {
        for address in [
            "https://as.example/authorize?response_type=code&state=x",
            "http://127.0.0.1:4711/oauth/authorize",
            "http://[::1]:8080/a?b=c%20d#e",
            "HTTPS://as.example/",
        ] {
            assert!(checked(address).is_ok(), "{address}");
        }
        use InvalidAddress::*;
        for (address, wrong) in [
            ("", NotAbsolute),
            ("$(x)", NotAbsolute),
            ("--flag", NotAbsolute),
            ("-flag=https://as.example/", NotAbsolute),
            ("as.example/authorize", NotAbsolute),
            ("//as.example/authorize", NotAbsolute),
            ("https:as.example", NotAbsolute),
            ("https:/as.example", NotAbsolute),
            ("https:///as.example", NotAbsolute),
            ("https://", NotAbsolute),
            ("file:///etc/passwd", Scheme),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("ftp://as.example/", Scheme),
            ("ms-msdt:/id", Scheme),
            ("https://alice:wonderland@as.example/", UserInfo),
            ("https://as.example@evil.example/", UserInfo),
            ("https://as.example/`x`", Character),
            ("https://as.example/ --flag", Character),
            (" https://as.example/", Character),
            ("https://as.example/\"&calc", Character),
            ("https://as.example/\0", Character),
            ("https://as.example/\n--flag", Character),
            ("ht\ttps://as.example/", Character),
            ("https://as.example\\@evil.example/", Character),
            ("https://äs.example/", Character),
        ] {
            match open(address) {
                Err(BrowserError::Address(told)) => assert_eq!(told, wrong, "{address}"),
                other => panic!("{address}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_like_a_command_stays_one_harmless_argument() {
        let url = checked("https://as.example/$(touch%20x);a&b?c=--flag").unwrap();
        assert_eq!(url.as_str(), "https://as.example/$(touch%20x);a&b?c=--flag");
    }

    #[test]
    fn an_error_has_nothing_of_the_address_in_it() {
        let error = open("https://canary@as.example/?state=canary").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
