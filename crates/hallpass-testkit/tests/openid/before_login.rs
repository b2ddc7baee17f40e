//! How a login comes about: WebFinger, and logins that begin elsewhere.

use hallpass_testkit::{AuthorizationServer, Config, NamedFault, Request};
use serde_json::json;

use crate::{common::*, relying_party::*};

#[test]
fn web_finger_names_the_issuer_of_a_user() {
    let mut server = server();
    let path = "/.well-known/webfinger?resource=acct%3Aalice%40auth.example";
    let rel = "&rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
    for query in [path.to_owned(), format!("{path}{rel}")] {
        let response = server.respond(&Request::get(query), NOW);
        assert_eq!(
            response.header_value("content-type"),
            Some("application/jrd+json")
        );
        let link = json!({
            "rel": "http://openid.net/specs/connect/1.0/issuer",
            "href": "https://auth.example",
        });
        let expected = json!({ "subject": "acct:alice@auth.example", "links": [link] });
        assert_eq!(json(&response), expected);
    }
    let other = server.respond(&Request::get(format!("{path}&rel=avatar")), NOW);
    assert_eq!(json(&other)["links"], json!([]));
    let nobody = server.respond(&Request::get("/.well-known/webfinger"), NOW);
    assert_eq!(nobody.status, 400);
    for (fault, links) in [
        (NamedFault::WebFingerNoLink, json!(null)),
        (
            NamedFault::WebFingerIssuerHttp,
            json!("http://auth.example"),
        ),
        (
            NamedFault::WebFingerIssuerOther,
            json!("https://other-issuer.example"),
        ),
    ] {
        server.inject(fault);
        let response = server.respond(&Request::get(path), NOW);
        assert_eq!(
            json(&response)["links"][0]["href"],
            links,
            "{}",
            fault.name()
        );
        server.heal();
    }
}

#[test]
fn a_login_can_begin_elsewhere() {
    let client = client().initiate_login_uri("https://app.example/login?a=b");
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let target = "https://app.example/news";
    let url = server.third_party_login("rp", Some("alice"), Some(target));
    let expected = "https://app.example/login?a=b&iss=https%3A%2F%2Fauth.example&login_hint=alice\
                    &target_link_uri=https%3A%2F%2Fapp.example%2Fnews";
    assert_eq!(url.as_deref(), Some(expected));
    assert_eq!(server.third_party_login("native", None, None), None);
    server.inject(NamedFault::ThirdPartyIssuer);
    let url = server.third_party_login("rp", None, None).unwrap();
    assert!(
        url.ends_with("iss=https%3A%2F%2Fother-issuer.example"),
        "{url}"
    );
}
