//! Where browsers reach the application, and what cookies that allows.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

/// Where browsers reach the application. What differs between the internet and this machine is decided here and nowhere else.
///
/// ```
/// use web_login::Home;
///
/// assert!(Home::new("https://app.example").is_ok());
/// assert!(Home::new("http://127.0.0.1:8080").is_ok());
/// // Cookies would cross the network for everybody to read.
/// assert!(Home::new("http://app.example").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    origin: String,
    channel: Channel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    /// Everything a cookie can be guarded with.
    Tls,
    /// `http` to an IP address of this machine, for development. `__Host-` demands `Secure`, and whether a `Secure` cookie may come by
    /// `http` from this machine is left to the browser (RFC 6265bis §5.7): some take it, others log in nobody. Cookies know no ports
    /// either, so that the port stands in the name: else two applications on 127.0.0.1 would log each other out.
    Loopback { port: u16 },
}

/// This is no place to log in at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHome;

impl Home {
    /// An origin: `https`, or `http` on an IP address of this machine, without a path.
    ///
    /// # Errors
    /// [`InvalidHome`] for anything else.
    pub fn new(origin: &str) -> Result<Self, InvalidHome> {
        let url = Url::parse(origin).map_err(|_| InvalidHome)?;
        let channel = match (url.scheme(), url.host()) {
            ("https", Some(Host::Domain(_))) => Channel::Tls,
            ("http", Some(Host::Ipv4(ip))) => Channel::loopback(ip.into(), &url)?,
            ("http", Some(Host::Ipv6(ip))) => Channel::loopback(ip.into(), &url)?,
            _ => return Err(InvalidHome),
        };
        let serialised = url.origin().ascii_serialization();
        // Nothing was left out: no user, no path, no query.
        if url.as_str() != format!("{serialised}/") {
            return Err(InvalidHome);
        }
        Ok(Self {
            origin: serialised,
            channel,
        })
    }

    /// As browsers send it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What is registered at the authorization server.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.origin)
    }

    /// A cookie that no script reads and no other site sends along with its forms, as `Set-Cookie` has it.
    ///
    /// With TLS no other host can set it, nor read it. On 127.0.0.1 every program that serves another port of this machine can do both: the
    /// port in the name keeps away accidents, and nobody who means it.
    pub(crate) fn cookie(&self, name: &str, value: &str) -> String {
        let name = self.cookie_name(name);
        let secure = match self.channel {
            Channel::Tls => "; Secure",
            Channel::Loopback { .. } => "",
        };
        // Not Strict: the browser comes back from another site, and has to bring it.
        format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path=/")
    }

    pub(crate) fn cookie_name(&self, name: &str) -> String {
        match self.channel {
            Channel::Tls => format!("__Host-{name}"),
            Channel::Loopback { port } => format!("web-{port}-{name}"),
        }
    }

    /// `Strict-Transport-Security`, where there is TLS to be strict about.
    pub(crate) fn transport_security(&self) -> Option<&'static str> {
        match self.channel {
            Channel::Tls => Some("max-age=31536000"),
            Channel::Loopback { .. } => None,
        }
    }
}

impl Channel {
    fn loopback(ip: IpAddr, url: &Url) -> Result<Self, InvalidHome> {
        match (ip.is_loopback(), url.port_or_known_default()) {
            (true, Some(port)) => Ok(Self::Loopback { port }),
            _ => Err(InvalidHome),
        }
    }
}

impl fmt::Display for InvalidHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address has to be https://HOST, or http:// with an IP address of this machine, and nothing after it")
    }
}

impl std::error::Error for InvalidHome {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_has_every_guard_that_its_channel_allows() {
        for (origin, wanted) in [
            (
                "https://app.example",
                "__Host-session=x; HttpOnly; SameSite=Lax; Secure; Path=/",
            ),
            (
                "http://127.0.0.1:8080",
                "web-8080-session=x; HttpOnly; SameSite=Lax; Path=/",
            ),
            (
                "http://[::1]:8080",
                "web-8080-session=x; HttpOnly; SameSite=Lax; Path=/",
            ),
        ] {
            let home = Home::new(origin).unwrap();
            let cookie = home.cookie("session", "x");
            assert_eq!(cookie, wanted);
            assert_eq!(home.origin(), origin);
        }
    }

    #[test]
    fn an_address_at_which_nobody_should_log_in_is_refused() {
        for origin in [
            "",
            "app.example",
            "http://app.example",
            "http://localhost:8080",
            "http://192.0.2.1:8080",
            "http://127.0.0.1:8080/app",
            "https://app.example/?x",
            "https://user@app.example",
            "https://192.0.2.1",
            "ftp://127.0.0.1",
        ] {
            assert_eq!(Home::new(origin), Err(InvalidHome), "{origin}");
        }
    }
}
