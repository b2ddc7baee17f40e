//! Requests that are wrong: some are told to the client, some only to the user.

mod common;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, Client, Config, ConsentError, Decision, Request, User,
};

fn status(server: &mut AuthorizationServer, url: &str) -> u16 {
    match server.consent(url, &User::alice(), &Decision::Allow, NOW) {
        Err(ConsentError::Page { status, .. }) => status,
        other => panic!("a page, not {other:?}"),
    }
}

#[test]
fn whoever_cannot_be_trusted_is_never_sent_anything() {
    let mut server = server();
    for change in [
        [("client_id", "nobody")],
        [("client_id", "")],
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", "https://app.example/callback?x")],
        [("redirect_uri", "")],
    ] {
        assert_eq!(status(&mut server, &code_url(&change)), 400, "{change:?}");
    }
    let twice = code_url(&[]) + "&redirect_uri=https%3A%2F%2Fevil.example";
    assert_eq!(status(&mut server, &twice), 400);
    assert_eq!(status(&mut server, &(code_url(&[]) + "&x=%FF")), 400);
}

#[test]
fn what_is_wrong_with_a_known_client_is_told_to_the_client() {
    let mut server = server();
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "magic", "unsupported_response_type"),
        ("response_mode", "pigeon", "invalid_request"),
        ("scope", "read admin", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
    ] {
        let location = allow(&mut server, &code_url(&[(name, value)]));
        assert_eq!(
            in_query(&location, "error").as_deref(),
            Some(error),
            "{name}={value}"
        );
        assert_eq!(in_query(&location, "state").as_deref(), Some(STATE));
        assert_eq!(
            in_query(&location, "iss").as_deref(),
            Some("https://auth.example")
        );
    }
}

#[test]
fn a_client_gets_only_the_response_type_it_is_registered_for() {
    let mut server = server();
    let location = allow(&mut server, &token_url(&[("client_id", "native")]));
    assert_eq!(
        in_fragment(&location, "error").as_deref(),
        Some("unauthorized_client")
    );
    let location = allow(&mut server, &code_url(&[("client_id", "httpig")]));
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("unauthorized_client")
    );
}

#[test]
fn a_loopback_redirect_uri_may_have_any_port() {
    let mut server = server();
    for uri in [
        "http://127.0.0.1:51001/callback",
        "http://[::1]:51001/callback",
        "http://127.0.0.1/callback",
    ] {
        let location = allow(&mut server, &code_url(&[("redirect_uri", uri)]));
        assert!(location.starts_with(&format!("{uri}?code=")), "{location}");
    }
    assert_eq!(
        status(
            &mut server,
            &code_url(&[("redirect_uri", "http://localhost:51001/callback")])
        ),
        400
    );
}

#[test]
fn the_query_of_a_redirect_uri_is_kept() {
    let mut server = server();
    let uri = "http://127.0.0.1:4711/callback?x=1&y=%C3%A9";
    let changes = [("client_id", "id 1"), ("redirect_uri", uri)];
    let location = allow(&mut server, &code_url(&changes));
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
    let location = allow(&mut server, &token_url(&changes));
    assert!(
        location.starts_with(&format!("{uri}#access_token=")),
        "{location}"
    );
}

#[test]
fn a_request_may_be_posted() {
    let mut server = server();
    let url = code_url(&[]);
    let form = parameters(&url, '?');
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let page = server.respond(&Request::post_form("/oauth/authorize", &form), NOW);
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("client_id=native&amp;"),
        "the login form carries the request on"
    );
}

#[test]
fn without_a_state_none_comes_back() {
    let mut server = server();
    let location = allow(&mut server, &code_url(&[("state", "")]));
    assert_eq!(in_query(&location, "state"), None);
    assert!(in_query(&location, "code").is_some());
}

#[test]
fn iss_can_be_turned_off() {
    let mut server = AuthorizationServer::new(Config::new().iss_parameter(false));
    assert_eq!(in_query(&allow(&mut server, &code_url(&[])), "iss"), None);
}

#[test]
fn a_url_of_another_server_is_not_opened() {
    let mut server = server();
    for url in [
        "https://auth.example.evil.example/oauth/authorize",
        "http://auth.example/oauth/authorize",
        "",
    ] {
        let error = server
            .consent(url, &User::alice(), &Decision::Allow, NOW)
            .unwrap_err();
        assert!(matches!(error, ConsentError::Elsewhere(_)), "{url}");
    }
    assert_eq!(server.requests(), []);
}

#[test]
fn a_client_of_ones_own_is_known() {
    let client = Client::public("own")
        .redirect_uri("com.example.app:/done")
        .scopes(["mail"]);
    let mut server = AuthorizationServer::new(
        Config::empty()
            .user(User::new("eve", "é &+"))
            .scope("mail", "Mail")
            .client(client),
    );
    let url = code_url(&[
        ("client_id", "own"),
        ("redirect_uri", "com.example.app:/done"),
        ("scope", "mail"),
    ]);
    let location = server
        .consent(&url, &User::new("eve", "é &+"), &Decision::Allow, NOW)
        .unwrap();
    assert!(
        location.starts_with("com.example.app:/done?code="),
        "{location}"
    );
    let error = server
        .consent(&url, &User::alice(), &Decision::Allow, NOW)
        .unwrap_err();
    assert_eq!(error, ConsentError::Login("alice".to_owned()));
}
