//! Clients that show who they are by a signature (RFC 7523 §2.2).

mod common;

use common::*;
use hallpass_testkit::{AssertionAudience, AuthorizationServer, Client, Config, Request, Response};
use serde_json::{Value, json};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn ask_with(server: &mut AuthorizationServer, assertion: &str, more: &[(&str, &str)]) -> Response {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    server.respond(&token_request(&[&form, more].concat()), NOW)
}

fn ask(server: &mut AuthorizationServer, jti: &str, changes: Value) -> Response {
    ask_with(server, &sign(&claims(jti, changes)), &[])
}

fn invalid_client() -> (u16, String) {
    (400, "invalid_client".to_owned())
}

#[test]
fn a_signed_assertion_stands_for_a_secret() {
    let mut server = server();
    let response = ask(&mut server, "1", json!({}));
    assert_eq!(response.status, 200, "{}", response.text());
    let tokens = json(&response);
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(described["client_id"], "jwt");
}

#[test]
fn it_is_good_at_every_endpoint_and_for_every_grant() {
    let mut server = server();
    let url = code_url(&[("client_id", "jwt")]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let assertion = sign(&claims("1", json!({})));
    let changes = [
        ("client_id", "jwt"),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    let tokens = json(&server.respond(&exchange_request(&code, &changes), NOW));
    let assertion = sign(&claims("2", json!({})));
    let form = [
        ("token", text(&tokens, "refresh_token")),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    let revoked = server.respond(&Request::post_form("/oauth/revoke", &form), NOW);
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    assert!(!server.is_valid(text(&tokens, "access_token"), NOW));
}

#[test]
fn what_it_claims_has_to_be_true() {
    let mut server = server();
    for (at, wrong) in [
        json!({ "iss": "service" }),
        json!({ "iss": "nobody" }),
        json!({ "iss": null }),
        json!({ "sub": "alice" }),
        json!({ "sub": null }),
        json!({ "aud": "https://other.example" }),
        json!({ "aud": "https://auth.example/oauth/authorize" }),
        json!({ "aud": "https://auth.example/oauth/par" }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "exp": NOW }),
        json!({ "exp": NOW + 3601 }),
        json!({ "exp": "1" }),
        json!({ "exp": null }),
        json!({ "iat": NOW + 1 }),
        json!({ "nbf": NOW + 1 }),
        json!({ "iat": "now" }),
        json!({ "jti": null }),
        json!({ "jti": 7 }),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = wrong.to_string();
        let response = ask(&mut server, &at.to_string(), wrong);
        assert_eq!(refusal(&response), invalid_client(), "{shown}");
    }
    for (at, good) in [
        json!({ "aud": "https://auth.example/oauth/token" }),
        json!({ "aud": ["https://other.example", "https://auth.example"] }),
        json!({ "iat": null, "exp": NOW + 3600, "nbf": NOW }),
    ]
    .into_iter()
    .enumerate()
    {
        let response = ask(&mut server, &format!("good {at}"), good);
        assert_eq!(response.status, 200, "{}", response.text());
    }
}

#[test]
fn an_assertion_is_good_once() {
    let mut server = server();
    assert_eq!(ask(&mut server, "same", json!({})).status, 200);
    assert_eq!(
        refusal(&ask(&mut server, "same", json!({}))),
        invalid_client()
    );
}

#[test]
fn a_server_may_insist_on_one_audience() {
    let (issuer, endpoint) = ("https://auth.example", "https://auth.example/oauth/token");
    for (audience, good, bad) in [
        (AssertionAudience::Issuer, issuer, endpoint),
        (AssertionAudience::TokenEndpoint, endpoint, issuer),
    ] {
        let mut server = AuthorizationServer::new(Config::new().assertion_audience(audience));
        assert_eq!(ask(&mut server, "1", json!({ "aud": good })).status, 200);
        assert_eq!(ask(&mut server, "2", json!({ "aud": [good] })).status, 200);
        for (jti, aud) in [("3", json!(bad)), ("4", json!([good, bad]))] {
            let response = ask(&mut server, jti, json!({ "aud": aud }));
            assert_eq!(refusal(&response), invalid_client(), "{aud}");
        }
    }
}

#[test]
fn nothing_but_the_clients_signature_is_believed() {
    let mut server = server();
    let good = sign(&claims("1", json!({})));
    let other = sign(&claims("2", json!({ "sub": "alice" })));
    let mixed = [
        good.split('.').next().unwrap(),
        other.split('.').nth(1).unwrap(),
        good.split('.').nth(2).unwrap(),
    ];
    for assertion in [
        mixed.join("."),
        sign_with(&json!({ "alg": "none" }), &claims("3", json!({}))),
        "x".to_owned(),
        "a.b.c".to_owned(),
    ] {
        let response = ask_with(&mut server, &assertion, &[]);
        assert_eq!(refusal(&response), invalid_client(), "{assertion}");
    }
    let no_type = [
        ("grant_type", "client_credentials"),
        ("client_assertion", &good),
    ];
    assert_eq!(
        refusal(&server.respond(&token_request(&no_type), NOW)),
        invalid_client()
    );
}

#[test]
fn a_client_with_a_key_has_no_other_way() {
    let mut server = server();
    for more in [
        vec![("client_id", "jwt")],
        vec![("client_id", "jwt"), ("client_secret", "x")],
    ] {
        let form = [vec![("grant_type", "client_credentials")], more].concat();
        assert_eq!(
            refusal(&server.respond(&token_request(&form), NOW)),
            invalid_client()
        );
    }
    let assertion = sign(&claims("1", json!({})));
    let twice = ask_with(
        &mut server,
        &assertion,
        &[("client_secret", "service-secret")],
    );
    assert_eq!(refusal(&twice), (400, "invalid_request".to_owned()));
    let as_another = ask_with(&mut server, &assertion, &[("client_id", "service")]);
    assert_eq!(refusal(&as_another), invalid_client());
}

#[test]
fn a_key_is_found_by_its_kid() {
    let key = |kid: &str| {
        let mut jwk: Value = serde_json::from_str(hallpass_testkit::TEST_KEY).unwrap();
        let members = jwk.as_object_mut().unwrap();
        members.remove("d");
        members.insert("kid".to_owned(), kid.into());
        jwk
    };
    let keys = json!({ "keys": [key("a"), key("b")] });
    let client = Client::private_key_jwt("jwt", &keys.to_string())
        .scopes(["read"])
        .grant_types([hallpass_testkit::GrantType::ClientCredentials]);
    let mut server = AuthorizationServer::new(Config::empty().client(client));
    let with_kid = |kid: &str| {
        let header = json!({ "alg": "ES256", "kid": kid });
        sign_with(&header, &claims(kid, json!({})))
    };
    assert_eq!(ask_with(&mut server, &with_kid("b"), &[]).status, 200);
    assert_eq!(
        refusal(&ask_with(&mut server, &with_kid("c"), &[])),
        invalid_client()
    );
}
