//! What an `Endpoint` accepts, the url crate reads alike; what an `AuthorizationUrl` writes, it decodes alike.
#![cfg(feature = "url")]

mod common;

use hallpass_grant::{AuthorizationRequest, Callback, Client, Endpoint};
use proptest::prelude::*;
use url::{Host, Url};

use common::*;

/// Whether both read the same address; `None` where our reader refuses.
fn compare(text: &str) -> Option<Result<(), String>> {
    let ours = Endpoint::new(text).ok()?;
    let host = ours.origin().split_once("://").unwrap().1;
    let Ok(theirs) = Url::parse(text) else {
        // Which international names exist is a table that only the url crate has.
        let is_international = host.contains("xn--");
        return Some(if is_international {
            Ok(())
        } else {
            Err("refused".to_owned())
        });
    };
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (host, None),
    };
    let (path, query) = match text[ours.origin().len()..].split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&text[ours.origin().len()..], None),
    };
    let path = if path.is_empty() { "/" } else { path };
    let default = if text.starts_with("https") { 443 } else { 80 };
    let is_loopback = match theirs.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Some(Err("no host".to_owned())),
    };
    let same = theirs.host_str() == Some(host)
        && theirs.port_or_known_default() == Some(port.unwrap_or(default))
        && theirs.path() == path
        && theirs.query() == query
        && ours.query() == query
        && theirs.fragment().is_none()
        && theirs.username().is_empty()
        && theirs.password().is_none()
        && ours.is_loopback() == is_loopback
        && (theirs.scheme() == "https" || (theirs.scheme() == "http" && is_loopback));
    Some(if same {
        Ok(())
    } else {
        Err(theirs.to_string())
    })
}

/// Addresses made of the pieces that readers disagree about.
fn adversarial() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        Just("https://"),
        Just("http://"),
        Just("https:/"),
        Just("https:"),
        Just("HTTPS://"),
        Just("")
    ];
    let pieces = [
        "as.example",
        "localhost",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4.",
        "1.2.3.256",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[0:0::1]",
        "[1:0:0:2::3]",
        "[::1%25lo]",
        "xn--bcher-kva",
        "xn--a",
        "xn--",
        "a_b",
        "-a",
        "a-",
        "..",
        ".",
        "%2e",
        "%2E%2e",
        "%zz",
        "%00",
        "%",
        "@",
        ":",
        ":443",
        ":80",
        ":0",
        ":65535",
        ":65536",
        ":08",
        "/",
        "//",
        "\\",
        "?",
        "#",
        "'",
        "\"",
        "<",
        "{",
        "|",
        "^",
        "`",
        " ",
        "\t",
        "\n",
        "é",
        "\u{ad}",
        "A",
        "a",
        "b",
        "1",
        "0x",
        ";",
        "=",
        "&",
        "+",
        "~",
        "!",
        "$",
        "(",
        ")",
        "*",
        ",",
        "[",
        "]",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    (scheme, prop::collection::vec(piece, 0..7))
        .prop_map(|(scheme, pieces)| format!("{scheme}{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn an_endpoint_is_what_the_url_crate_reads(text in adversarial()) {
        if let Some(Err(read)) = compare(&text) {
            prop_assert!(false, "{text:?} was read as {read:?}");
        }
    }

    #[test]
    fn an_endpoint_of_any_characters_is_what_the_url_crate_reads(text in "https?://[a-z0-9.:\\[\\]-]{1,12}[/?#][!-~]{0,12}") {
        if let Some(Err(read)) = compare(&text) {
            prop_assert!(false, "{text:?} was read as {read:?}");
        }
    }

    #[test]
    fn an_endpoint_at_any_number_is_what_the_url_crate_reads(address: [u16; 8], v4: [u8; 4], port: u16) {
        let v6 = std::net::Ipv6Addr::from(address);
        let v4 = std::net::Ipv4Addr::from(v4);
        for text in [format!("https://[{v6}]:{port}/"), format!("https://{v4}:{port}/")] {
            if let Some(Err(read)) = compare(&text) {
                prop_assert!(false, "{text:?} was read as {read:?}");
            }
        }
    }

    #[test]
    fn the_url_crate_decodes_what_was_asked_for(id in ".+", redirect in "https://app[!-~é]{0,30}", name in "x.*", value in ".*") {
        let client = Client::new(server(), &id).unwrap().with_redirect_uri(&redirect).unwrap();
        let request = AuthorizationRequest::new().scopes(scopes("read:pets write")).parameter(&name, &value).unwrap();
        let (url, _) = client.code().unwrap().begin(request, &mut draws(SEED), NOW).unwrap();
        let written = url.as_str().to_owned();
        let url = Url::try_from(url).unwrap();
        prop_assert_eq!(url.as_str(), written);
        let read: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let asked = [
            ("response_type", "code"), ("client_id", &id), ("redirect_uri", &redirect), ("scope", "read:pets write"),
            ("state", STATE), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256"), (&name, &value),
        ];
        let asked: Vec<_> = asked.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read, asked);
    }
}

#[test]
fn many_adversarial_addresses_are_accepted_at_all() {
    // The properties above say nothing about what is refused, so this says that not everything is.
    let accepted = [
        "https://as.example:443/a?b=c",
        "http://[::1]:1/",
        "https://127.0.0.1",
        "https://a_b/;=&+~!$()*,",
    ];
    for text in accepted {
        assert_eq!(compare(text), Some(Ok(())), "{text}");
    }
}

#[test]
fn urls_go_in_and_out() {
    let url = Url::parse("https://as.example/token?tenant=1").unwrap();
    let endpoint = Endpoint::try_from(&url).unwrap();
    assert_eq!(Url::try_from(&endpoint).unwrap(), url);
    assert!(Endpoint::try_from(&Url::parse("http://as.example/").unwrap()).is_err());
    let came = Url::parse(&format!("https://app.example/cb?code=X&state={STATE}")).unwrap();
    let (_, pending) = begin_code(&client());
    assert!(pending.receive(&Callback::from(&came), NOW).is_ok());
    let came = Url::parse(&format!(
        "https://app.example/cb#access_token=T&token_type=bearer&state={STATE}"
    ))
    .unwrap();
    let (_, pending) = begin_token(&client());
    assert!(pending.receive(&Callback::from(&came), NOW).is_ok());
}
