//! An assertion as a grant (RFC 7523 §2.1).

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, Client, Response, TEST_KEY};
use serde_json::{Value, json};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn ask(
    server: &mut AuthorizationServer,
    jti: &str,
    changes: Value,
    more: &[(&str, &str)],
) -> Response {
    let assertion = sign(&claims(jti, changes));
    let form = [("grant_type", GRANT_TYPE), ("assertion", &assertion)];
    server.respond(&token_request(&[&form, more].concat()), NOW)
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn a_client_asks_for_a_user_by_what_it_signs() {
    let mut server = server();
    let response = ask(
        &mut server,
        "1",
        json!({ "sub": "alice" }),
        &[("scope", "read")],
    );
    assert_eq!(response.status, 200, "{}", response.text());
    let tokens = json(&response);
    assert_eq!(tokens["scope"], "read");
    assert_eq!(tokens.get("refresh_token"), None);
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(
        (&described["sub"], &described["client_id"]),
        (&"alice".into(), &"jwt".into())
    );
}

#[test]
fn it_may_ask_for_itself_and_authenticate_beside() {
    let mut server = server();
    let client_assertion = sign(&claims("1", json!({})));
    let more = [
        ("client_id", "jwt"),
        ("client_assertion", client_assertion.as_str()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    assert_eq!(ask(&mut server, "2", json!({}), &more).status, 200);
}

#[test]
fn an_assertion_is_good_once_be_it_as_a_grant_or_as_authentication() {
    let mut server = server();
    assert_eq!(ask(&mut server, "1", json!({}), &[]).status, 200);
    assert_eq!(
        refusal(&ask(&mut server, "1", json!({}), &[])),
        invalid_grant()
    );
    let again = sign(&claims("1", json!({})));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion", again.as_str()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    let response = server.respond(&token_request(&form), NOW);
    assert_eq!(refusal(&response), (400, "invalid_client".to_owned()));
}

#[test]
fn what_it_claims_has_to_be_true() {
    let mut server = server();
    for (at, wrong) in [
        json!({ "sub": "mallory" }),
        json!({ "sub": null }),
        json!({ "iss": "service" }),
        json!({ "aud": "https://other.example" }),
        json!({ "exp": NOW }),
        json!({ "iat": NOW + 1 }),
        json!({ "jti": null }),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = wrong.to_string();
        let response = ask(&mut server, &at.to_string(), wrong, &[]);
        assert_eq!(refusal(&response), invalid_grant(), "{shown}");
    }
}

#[test]
fn who_signs_and_who_asks_are_one() {
    let mut server = server();
    let claim_to_be = |id| ask(&mut self::server(), "1", json!({}), &[("client_id", id)]);
    assert_eq!(refusal(&claim_to_be("native")), invalid_grant());
    assert_eq!(
        refusal(&claim_to_be("jwt")),
        (400, "invalid_client".to_owned())
    );
    let too_much = ask(&mut server, "2", json!({}), &[("scope", "read:pets")]);
    assert_eq!(refusal(&too_much), (400, "invalid_scope".to_owned()));
    let none = server.respond(&token_request(&[("grant_type", GRANT_TYPE)]), NOW);
    assert_eq!(refusal(&none), (400, "invalid_request".to_owned()));
}

#[test]
fn a_client_that_signs_has_to_be_registered_for_it() {
    let mut server = server();
    let mut jwk: Value = serde_json::from_str(TEST_KEY).unwrap();
    jwk.as_object_mut().unwrap().remove("d");
    let other = Client::private_key_jwt("other", &jwk.to_string());
    server.configure(|config| config.client(other));
    let other = json!({ "iss": "other", "sub": "other" });
    assert_eq!(
        refusal(&ask(&mut server, "1", other, &[])),
        (400, "unauthorized_client".to_owned())
    );
}
