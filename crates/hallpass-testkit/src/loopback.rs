//! Redirect URIs on loopback, whose port the client learns only when it listens (RFC 8252 §7.3).

/// Whether a redirect URI asked for is the registered one.
pub(crate) fn fits(registered: &str, asked: &str) -> bool {
    registered == asked
        || match (without_port(registered), without_port(asked)) {
            (Some(registered), Some(asked)) => registered == asked,
            _ => false,
        }
}

/// The host, and all that comes after the port, of an `http` URI on a loopback IP.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| rest.starts_with(host))?;
    let rest = rest.strip_prefix(host)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (port, rest) = rest.split_at(end);
    let is_port =
        |text: &str| text.parse::<u16>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit());
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_port_of_a_loopback_ip_fits() {
        assert!(fits(
            "http://127.0.0.1/callback",
            "http://127.0.0.1:54321/callback"
        ));
        assert!(fits("http://[::1]:1/callback", "http://[::1]/callback"));
    }

    #[test]
    fn nothing_else_of_it_may_differ() {
        for asked in [
            "http://127.0.0.1:54321/other",
            "http://127.0.0.1:54321/callback?x",
            "http://127.0.0.1:54321.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://127.0.0.1:1@evil.example/callback",
            "http://127.0.0.1:+1/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://localhost/callback",
            "https://127.0.0.1/callback",
            "http://[::1]/callback",
        ] {
            assert!(!fits("http://127.0.0.1/callback", asked), "{asked}");
        }
    }

    #[test]
    fn elsewhere_the_text_is_compared() {
        assert!(fits("https://app.example/cb", "https://app.example/cb"));
        assert!(!fits(
            "https://app.example/cb",
            "https://app.example:443/cb"
        ));
        assert!(!fits("https://app.example/cb", "https://app.example/cb/"));
    }
}
