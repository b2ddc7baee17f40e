//! Where a token will be used (RFC 8707).

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, Config};
use serde_json::json;

const API: &str = "https://api.example/";
const FILES: &str = "https://files.example/v1";

fn picky() -> AuthorizationServer {
    AuthorizationServer::new(
        Config::new()
            .resource(API)
            .resource(FILES)
            .resource("backend"),
    )
}

fn invalid_target() -> (u16, String) {
    (400, "invalid_target".to_owned())
}

#[test]
fn a_grant_remembers_where_its_tokens_will_be_used() {
    let mut server = picky();
    let url = code_url(&[
        ("resource", API),
        ("resource", FILES),
        ("audience", "backend"),
    ]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(described["aud"], json!([API, FILES, "backend"]));

    let refresh = |resource: &str| {
        token_request(&[
            ("grant_type", "refresh_token"),
            ("client_id", "native"),
            ("refresh_token", text(&tokens, "refresh_token")),
            ("resource", resource),
        ])
    };
    let elsewhere = server.respond(&refresh("https://elsewhere.example"), NOW);
    assert_eq!(refusal(&elsewhere), invalid_target());
    let less = json(&server.respond(&refresh(FILES), NOW));
    let described = introspect(&mut server, text(&less, "access_token"), NOW);
    assert_eq!(described["aud"], FILES);
    // The grant is what it was.
    let described = introspect(&mut server, text(&less, "refresh_token"), NOW);
    assert_eq!(described["aud"], json!([API, FILES, "backend"]));
}

#[test]
fn a_token_request_stays_within_what_was_granted_and_a_wrong_one_costs_no_code() {
    let mut server = picky();
    let code = in_query(&allow(&mut server, &code_url(&[("resource", API)])), "code").unwrap();
    let more = server.respond(&exchange_request(&code, &[("resource", FILES)]), NOW);
    assert_eq!(refusal(&more), invalid_target());
    let same = server.respond(&exchange_request(&code, &[("resource", API)]), NOW);
    assert_eq!(same.status, 200, "{}", same.text());
}

#[test]
fn a_target_nobody_knows_is_refused_to_the_client() {
    let mut server = picky();
    for (name, value) in [
        ("resource", "https://elsewhere.example"),
        ("resource", "https://api.example/#part"),
        ("resource", "backend"),
        ("audience", "frontend"),
    ] {
        let location = allow(&mut server, &code_url(&[(name, value)]));
        assert_eq!(
            in_query(&location, "error").as_deref(),
            Some("invalid_target"),
            "{value}"
        );
        let form = [("grant_type", "client_credentials"), (name, value)];
        let response = server.respond(&by_service("/oauth/token", &form), NOW);
        assert_eq!(refusal(&response), invalid_target(), "{value}");
    }
}

#[test]
fn a_server_that_lists_none_takes_any_that_is_a_uri() {
    let mut server = server();
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://one.example"),
        ("resource", "https://two.example"),
    ];
    let tokens = json(&server.respond(&by_service("/oauth/token", &form), NOW));
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(
        described["aud"],
        json!(["https://one.example", "https://two.example"])
    );
    let form = [("grant_type", "client_credentials"), ("resource", "one")];
    let response = server.respond(&by_service("/oauth/token", &form), NOW);
    assert_eq!(refusal(&response), invalid_target());
}
