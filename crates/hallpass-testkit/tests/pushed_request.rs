//! Pushed authorization requests (RFC 9126).

mod common;

use std::time::Duration;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, Config, ConsentError, Decision, Request, Response, User,
};
use serde_json::json;

const PATH: &str = "/oauth/par";

/// The request by `native` for a code, pushed, with these parameters changed; an empty one is left out.
fn push(server: &mut AuthorizationServer, changes: &[(&str, &str)]) -> Response {
    let parameters = parameters(&code_url(changes), '?');
    let form: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    server.respond(&Request::post_form(PATH, &form), NOW)
}

fn url(client_id: &str, request_uri: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", client_id), ("request_uri", request_uri)])
        .finish();
    format!("https://auth.example/oauth/authorize?{query}")
}

fn open(server: &mut AuthorizationServer, url: &str, now: u64) -> Result<String, ConsentError> {
    server.consent(url, &User::alice(), &Decision::Allow, now)
}

fn is_page(opened: &Result<String, ConsentError>) -> bool {
    matches!(opened, Err(ConsentError::Page { status: 400, .. }))
}

#[test]
fn a_request_is_pushed_and_then_opened_by_its_uri() {
    let mut server = server();
    let response = push(&mut server, &[("resource", "https://api.example/")]);
    assert_eq!(response.status, 201, "{}", response.text());
    assert_eq!(
        response.header_value("cache-control"),
        Some("no-cache, no-store")
    );
    let answer = json(&response);
    assert_eq!(answer["expires_in"], 60);
    let request_uri = text(&answer, "request_uri");
    assert!(
        request_uri.starts_with("urn:ietf:params:oauth:request_uri:"),
        "{request_uri}"
    );

    let location = allow(&mut server, &url("native", request_uri));
    assert!(location.starts_with(CALLBACK), "{location}");
    assert_eq!(in_query(&location, "state").as_deref(), Some(STATE));
    let code = in_query(&location, "code").unwrap();
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(
        (&described["scope"], &described["aud"]),
        (&"read write".into(), &"https://api.example/".into())
    );
}

#[test]
fn a_uri_is_good_once_whatever_the_user_said() {
    for decision in [Decision::Allow, Decision::Deny] {
        let mut server = server();
        let answer = json(&push(&mut server, &[]));
        let url = url("native", text(&answer, "request_uri"));
        server
            .consent(&url, &User::alice(), &decision, NOW)
            .unwrap();
        let again = open(&mut server, &url, NOW);
        assert!(is_page(&again), "{again:?}");
    }
}

#[test]
fn a_uri_that_was_not_opened_in_time_is_refused() {
    let config = Config::new().pushed_request_lifetime(Duration::from_secs(5));
    let mut server = AuthorizationServer::new(config);
    let answer = json(&push(&mut server, &[]));
    assert_eq!(answer["expires_in"], 5);
    let url = url("native", text(&answer, "request_uri"));
    let late = open(&mut server, &url, NOW + 5);
    assert!(is_page(&late), "{late:?}");
}

#[test]
fn a_user_who_opened_it_in_time_may_take_a_while() {
    let mut server = server();
    let answer = json(&push(&mut server, &[]));
    let url = url("native", text(&answer, "request_uri"));
    let target = url.replace("https://auth.example", "");
    assert_eq!(server.respond(&Request::get(&target), NOW + 59).status, 200);
    assert!(open(&mut server, &url, NOW + 300).is_ok());
}

#[test]
fn a_uri_is_good_for_its_client_alone_and_only_if_it_was_pushed() {
    let mut server = server();
    let answer = json(&push(&mut server, &[]));
    let request_uri = text(&answer, "request_uri");
    for url in [
        url("oauthacg", request_uri),
        url("", request_uri),
        url("native", "urn:ietf:params:oauth:request_uri:guessed"),
        url("native", "https://app.example/request.jwt"),
    ] {
        let opened = open(&mut server, &url, NOW);
        assert!(is_page(&opened), "{url}: {opened:?}");
    }
}

#[test]
fn parameters_beside_the_uri_do_not_count() {
    let mut server = server();
    let answer = json(&push(&mut server, &[("scope", "read")]));
    let more = "&scope=read+write&state=other&redirect_uri=https%3A%2F%2Fevil.example";
    let url = url("native", text(&answer, "request_uri")) + more;
    let location = allow(&mut server, &url);
    assert!(location.starts_with(CALLBACK), "{location}");
    assert_eq!(in_query(&location, "state").as_deref(), Some(STATE));
}

#[test]
fn what_could_not_be_asked_cannot_be_pushed() {
    let mut server = server();
    for (changes, expected) in [
        (("request_uri", "urn:x"), "invalid_request"),
        (("redirect_uri", "https://evil.example"), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (("response_type", "none"), "unsupported_response_type"),
        (("response_type", "token"), "unauthorized_client"),
        (("code_challenge", ""), "invalid_request"),
        (("scope", "read:pets"), "invalid_scope"),
        (("resource", "nowhere"), "invalid_target"),
        (("request", "a.b.c"), "invalid_request_object"),
        (("client_id", "nobody"), "invalid_client"),
        (("client_id", ""), "invalid_client"),
        (("client_id", "oauthacg"), "invalid_client"),
        (("client_secret", "x"), "invalid_client"),
    ] {
        let response = push(&mut server, &[changes]);
        assert_eq!(
            refusal(&response),
            (400, expected.to_owned()),
            "{changes:?}"
        );
    }
    assert_eq!(server.respond(&Request::get(PATH), NOW).status, 405);
}

#[test]
fn a_client_authenticates_as_it_does_for_tokens() {
    let mut server = server();
    let assertion = sign(&claims(
        "1",
        json!({ "aud": "https://auth.example/oauth/par" }),
    ));
    let response = push(
        &mut server,
        &[
            ("client_id", "jwt"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ],
    );
    assert_eq!(response.status, 201, "{}", response.text());
    let secret = [
        ("client_id", "oauthacg"),
        ("client_secret", "acg-secret"),
        ("scope", "file_requests.read"),
    ];
    let answer = json(&push(&mut server, &secret));
    let location = allow(&mut server, &url("oauthacg", text(&answer, "request_uri")));
    assert!(in_query(&location, "code").is_some(), "{location}");
}

#[test]
fn a_server_may_take_nothing_but_pushed_requests() {
    let config = Config::new().require_pushed_authorization_requests(true);
    let mut server = AuthorizationServer::new(config);
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("invalid_request")
    );
    let answer = json(&push(&mut server, &[]));
    let location = allow(&mut server, &url("native", text(&answer, "request_uri")));
    assert!(in_query(&location, "code").is_some(), "{location}");

    let request = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server.respond(&request, NOW));
    assert_eq!(
        metadata["pushed_authorization_request_endpoint"],
        "https://auth.example/oauth/par"
    );
    assert_eq!(metadata["require_pushed_authorization_requests"], true);
}
