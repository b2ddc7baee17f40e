//! Introspection (RFC 7662).

mod common;

use common::*;
use hallpass_testkit::{Fault, Request};
use serde_json::json;

fn inactive() -> serde_json::Value {
    json!({ "active": false })
}

#[test]
fn an_access_token_is_described() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW + 10);
    let expected = json!({
        "active": true,
        "scope": "read write",
        "client_id": "native",
        "username": "alice",
        "sub": "alice",
        "token_type": "Bearer",
        "iss": "https://auth.example",
        "iat": NOW,
        "exp": NOW + 3600,
    });
    assert_eq!(described, expected);
}

#[test]
fn a_refresh_token_is_described_until_it_is_spent() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "refresh_token");
    let described = introspect(&mut server, token, NOW);
    assert_eq!(described["active"], true);
    assert_eq!(described["exp"], NOW + 24 * 3600);
    assert_eq!(described.get("token_type"), None);
    assert_eq!(refresh(&mut server, token, NOW).status, 200);
    assert_eq!(introspect(&mut server, token, NOW), inactive());
}

#[test]
fn of_a_token_that_is_not_good_nothing_else_is_said() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    assert_eq!(introspect(&mut server, "never heard of", NOW), inactive());
    assert_eq!(introspect(&mut server, access, NOW + 3600), inactive());
    assert_eq!(
        introspect(&mut server, refresh, NOW + 24 * 3600),
        inactive()
    );
    server.revoke_everything();
    assert_eq!(introspect(&mut server, access, NOW), inactive());
    assert_eq!(introspect(&mut server, refresh, NOW), inactive());
}

#[test]
fn a_client_that_acts_for_itself_is_no_user() {
    let mut server = server();
    let form = [("grant_type", "client_credentials"), ("scope", "read")];
    let tokens = json(&server.respond(&by_service("/oauth/token", &form), NOW));
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(described["sub"], "service");
    assert_eq!(described.get("username"), None);
}

#[test]
fn only_a_client_that_authenticates_may_look() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = ("token", text(&tokens, "access_token"));
    for form in [
        vec![token],
        vec![token, ("client_id", "native")],
        vec![token, ("client_id", "service"), ("client_secret", "wrong")],
    ] {
        let response = server.respond(&Request::post_form("/oauth/introspect", &form), NOW);
        assert_eq!(refusal(&response).1, "invalid_client", "{form:?}");
    }
    let none = server.respond(&by_service("/oauth/introspect", &[]), NOW);
    assert_eq!(refusal(&none), (400, "invalid_request".to_owned()));
    assert_eq!(
        server
            .respond(&Request::get("/oauth/introspect"), NOW)
            .status,
        405
    );
}

#[test]
fn the_metadata_name_the_endpoint_and_a_fault_finds_it() {
    let mut server = server();
    let metadata = json(&server.respond(
        &Request::get("/.well-known/oauth-authorization-server"),
        NOW,
    ));
    assert_eq!(
        metadata["introspection_endpoint"],
        "https://auth.example/oauth/introspect"
    );
    let fault = Fault::TooManyRequests { retry_after: 1 };
    server.inject(fault.at(hallpass_testkit::Endpoint::Introspection));
    let response = server.respond(&by_service("/oauth/introspect", &[("token", "x")]), NOW);
    assert_eq!(response.status, 429);
}
