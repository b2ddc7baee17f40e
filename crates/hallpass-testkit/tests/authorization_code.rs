//! The code grant with PKCE (RFC 6749 §4.1, RFC 7636).

mod common;

use std::time::Duration;

use common::*;
use hallpass_testkit::{AuthorizationServer, Client, Config, Decision, Request, User};

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn a_code_becomes_tokens_and_the_token_opens_the_resource() {
    let mut server = server();
    let location = allow(&mut server, &code_url(&[]));
    assert!(
        location.starts_with("https://app.example/callback?code="),
        "{location}"
    );
    assert_eq!(in_query(&location, "state").as_deref(), Some(STATE));
    assert_eq!(
        in_query(&location, "iss").as_deref(),
        Some("https://auth.example")
    );

    let code = in_query(&location, "code").unwrap();
    let response = server.respond(&exchange_request(&code, &[]), NOW);
    assert_eq!(response.status, 200);
    assert_eq!(response.header_value("cache-control"), Some("no-store"));
    assert_eq!(
        response.header_value("content-type"),
        Some("application/json")
    );
    let tokens = json(&response);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "read write");
    assert!(!text(&tokens, "refresh_token").is_empty());

    let answer = json(&resource(
        &mut server,
        "/resource",
        text(&tokens, "access_token"),
        NOW,
    ));
    assert_eq!(answer["sub"], "alice");
    assert_eq!(answer["scope"], "read write");
}

#[test]
fn the_same_requests_give_the_same_tokens() {
    assert_eq!(tokens(&mut server()), tokens(&mut server()));
    let mut other = AuthorizationServer::new(Config::new().seed(1));
    assert_ne!(tokens(&mut server()), tokens(&mut other));
}

#[test]
fn a_code_used_twice_takes_its_tokens_with_it() {
    let mut server = server();
    let code = code(&mut server);
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    assert_eq!(
        refusal(&server.respond(&exchange_request(&code, &[]), NOW)),
        invalid_grant()
    );
    assert_eq!(
        resource(&mut server, "/resource", text(&tokens, "access_token"), NOW).status,
        401
    );
    assert_eq!(
        refusal(&refresh(&mut server, text(&tokens, "refresh_token"), NOW)),
        invalid_grant()
    );
}

#[test]
fn a_code_expires_at_the_end_of_its_lifetime_and_not_before() {
    let config = Config::new().code_lifetime(Duration::from_secs(10));
    for (seconds, status) in [(9, 200), (10, 400)] {
        let mut server = AuthorizationServer::new(config.clone());
        let code = code(&mut server);
        assert_eq!(
            server
                .respond(&exchange_request(&code, &[]), NOW + seconds)
                .status,
            status,
            "{seconds} s"
        );
    }
}

#[test]
fn a_code_is_bound_to_its_client() {
    let mut server = AuthorizationServer::new(
        Config::new().client(Client::public("thief").redirect_uri(CALLBACK)),
    );
    let code = code(&mut server);
    assert_eq!(
        refusal(&server.respond(&exchange_request(&code, &[("client_id", "thief")]), NOW)),
        invalid_grant()
    );
    // The thief's attempt costs the owner nothing.
    assert_eq!(
        server.respond(&exchange_request(&code, &[]), NOW).status,
        200
    );
}

#[test]
fn a_code_is_bound_to_its_redirect_uri() {
    let mut server = server();
    let code = code(&mut server);
    for uri in [
        "",
        "https://app.example/other",
        "https://app.example/callback/",
    ] {
        let request = exchange_request(&code, &[("redirect_uri", uri)]);
        assert_eq!(
            refusal(&server.respond(&request, NOW)),
            invalid_grant(),
            "{uri}"
        );
    }
}

#[test]
fn a_redirect_uri_that_was_left_out_is_left_out_of_both_requests() {
    let client = Client::public("single")
        .redirect_uri(CALLBACK)
        .scopes(["read"]);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let url = code_url(&[("client_id", "single"), ("redirect_uri", ""), ("scope", "")]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let with = exchange_request(&code, &[("client_id", "single")]);
    assert_eq!(refusal(&server.respond(&with, NOW)), invalid_grant());
    let without = exchange_request(&code, &[("client_id", "single"), ("redirect_uri", "")]);
    assert_eq!(json(&server.respond(&without, NOW))["scope"], "read");
}

#[test]
fn a_verifier_that_is_wrong_missing_or_short_is_refused() {
    let mut server = server();
    let code = code(&mut server);
    let wrong = VERIFIER.replace('d', "e");
    for verifier in ["", "short", wrong.as_str(), CHALLENGE] {
        let request = exchange_request(&code, &[("code_verifier", verifier)]);
        assert_eq!(
            refusal(&server.respond(&request, NOW)),
            invalid_grant(),
            "{verifier}"
        );
    }
    assert_eq!(
        server.respond(&exchange_request(&code, &[]), NOW).status,
        200
    );
}

#[test]
fn a_verifier_without_a_challenge_is_refused() {
    let mut server = AuthorizationServer::new(Config::new().require_pkce(false));
    let url = code_url(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    assert_eq!(
        refusal(&server.respond(&exchange_request(&code, &[]), NOW)),
        invalid_grant()
    );
    assert_eq!(
        server
            .respond(&exchange_request(&code, &[("code_verifier", "")]), NOW)
            .status,
        200
    );
}

#[test]
fn the_token_endpoint_is_at_both_paths() {
    let mut server = server();
    let url = code_url(&[]).replace("/oauth/", "/oauth2/");
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let request = Request {
        target: "/oauth2/token".to_owned(),
        ..exchange_request(&code, &[])
    };
    assert_eq!(server.respond(&request, NOW).status, 200);
}

#[test]
fn what_the_user_did_not_tick_is_not_granted() {
    let mut server = server();
    let decision = Decision::AllowOnly(vec!["read".to_owned(), "admin".to_owned()]);
    let location = server
        .consent(&code_url(&[]), &User::bob(), &decision, NOW)
        .unwrap();
    let code = in_query(&location, "code").unwrap();
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    assert_eq!(tokens["scope"], "read");
}

#[test]
fn a_user_who_denies_or_ticks_nothing_gives_nothing() {
    let mut server = server();
    for decision in [Decision::Deny, Decision::AllowOnly(Vec::new())] {
        let location = server
            .consent(&code_url(&[]), &User::alice(), &decision, NOW)
            .unwrap();
        assert_eq!(
            in_query(&location, "error").as_deref(),
            Some("access_denied")
        );
        assert_eq!(in_query(&location, "state").as_deref(), Some(STATE));
        assert_eq!(
            in_query(&location, "iss").as_deref(),
            Some("https://auth.example")
        );
        assert_eq!(in_query(&location, "code"), None);
    }
}
