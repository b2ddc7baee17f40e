//! What real servers were seen to do at the endpoints that extensions of OAuth add.

mod common;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, ConsentError, Decision, NamedFault, Request, Response, User,
};
use serde_json::{Value, json};

const ISSUER: &str = "https://auth.example";
const TOKEN: &str = "https://auth.example/oauth/token";

fn server_with(fault: NamedFault) -> AuthorizationServer {
    let mut server = server();
    server.inject(fault);
    server
}

fn begin(server: &mut AuthorizationServer) -> Value {
    let form = [("client_id", "device")];
    json(&server.respond(
        &Request::post_form("/oauth/device_authorization", &form),
        NOW,
    ))
}

fn poll(server: &mut AuthorizationServer, device: &Value, now: u64) -> Response {
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "device"),
        ("device_code", text(device, "device_code")),
    ];
    server.respond(&token_request(&form), now)
}

/// The URL of a request that was pushed.
fn push(server: &mut AuthorizationServer) -> String {
    let form = parameters(&code_url(&[]), '?');
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let pushed = json(&server.respond(&Request::post_form("/oauth/par", &form), NOW));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "native"),
            ("request_uri", text(&pushed, "request_uri")),
        ])
        .finish();
    format!("{ISSUER}/oauth/authorize?{query}")
}

fn open(server: &mut AuthorizationServer, url: &str) -> Result<String, ConsentError> {
    server.consent(url, &User::alice(), &Decision::Allow, NOW)
}

fn look(server: &mut AuthorizationServer, url: &str) -> u16 {
    let target = url.strip_prefix(ISSUER).unwrap();
    server.respond(&Request::get(target), NOW).status
}

fn register(server: &mut AuthorizationServer) -> Response {
    let metadata = json!({
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic",
    });
    let request = Request {
        method: "POST".to_owned(),
        target: "/oauth/register".to_owned(),
        body: metadata.to_string().into_bytes(),
        ..Request::default()
    };
    server.respond(
        &request.with_header("Content-Type", "application/json"),
        NOW,
    )
}

/// The status of a request that `jwt` signs for this audience.
fn assert_for(server: &mut AuthorizationServer, jti: &str, aud: &Value) -> u16 {
    let assertion = sign(&claims(jti, json!({ "aud": aud })));
    let form = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ];
    server.respond(&token_request(&form), NOW).status
}

#[test]
fn a_refusal_is_200_with_the_json_as_ever() {
    let mut server = server_with(NamedFault::ErrorJson200);
    let answer = server.respond(&exchange_request("no-such-code", &[]), NOW);
    assert_eq!(refusal(&answer), (200, "invalid_grant".to_owned()));
}

#[test]
fn a_poll_that_has_to_wait_is_401() {
    let mut server = server_with(NamedFault::PendingUnauthorized);
    let device = begin(&mut server);
    let answer = poll(&mut server, &device, NOW);
    assert_eq!(refusal(&answer), (401, "authorization_pending".to_owned()));
}

#[test]
fn a_device_is_told_no_interval_and_held_to_that_of_the_rfc() {
    let mut server = server_with(NamedFault::DeviceNoInterval);
    let device = begin(&mut server);
    assert_eq!(device.get("interval"), None);
    for (now, error) in [
        (NOW, "authorization_pending"),
        (NOW + 5, "authorization_pending"),
        (NOW + 9, "slow_down"),
    ] {
        assert_eq!(refusal(&poll(&mut server, &device, now)).1, error);
    }
}

#[test]
fn a_device_is_told_an_interval_of_0_and_may_ask_at_once() {
    let mut server = server_with(NamedFault::DeviceIntervalZero);
    let device = begin(&mut server);
    assert_eq!(device["interval"], 0);
    for _ in 0..2 {
        let answer = poll(&mut server, &device, NOW);
        assert_eq!(refusal(&answer).1, "authorization_pending");
    }
}

#[test]
fn a_pushed_request_is_used_up_by_whoever_looks_first() {
    let mut server = server();
    let url = push(&mut server);
    assert_eq!(
        (look(&mut server, &url), look(&mut server, &url)),
        (200, 200)
    );
    assert!(open(&mut server, &url).is_ok());

    server.inject(NamedFault::PushedRequestOnce);
    let url = push(&mut server);
    assert_eq!(
        (look(&mut server, &url), look(&mut server, &url)),
        (200, 400)
    );
    assert!(matches!(
        open(&mut server, &url),
        Err(ConsentError::Page { status: 400, .. })
    ));
    let url = push(&mut server);
    let location = open(&mut server, &url).expect("the first visitor gets through");
    assert!(in_query(&location, "code").is_some());
}

#[test]
fn a_registration_is_200_and_good() {
    let mut server = server_with(NamedFault::RegistrationOk);
    let answer = register(&mut server);
    assert_eq!(answer.status, 200);
    assert!(json(&answer)["client_id"].is_string());
}

#[test]
fn a_registration_has_nulls() {
    let answer = register(&mut server_with(NamedFault::RegistrationNulls));
    let members = json(&answer);
    assert_eq!(answer.status, 201);
    assert_eq!(members.get("logo_uri"), Some(&Value::Null));
    assert!(members["client_secret"].is_string());
}

#[test]
fn a_registration_has_texts_for_numbers() {
    let members = json(&register(&mut server_with(NamedFault::RegistrationTexts)));
    assert_eq!(members["client_secret_expires_at"], "0");
    assert_eq!(members["client_id_issued_at"], NOW.to_string());
}

#[test]
fn an_assertion_must_be_for_the_token_endpoint() {
    let mut server = server_with(NamedFault::AssertionAudienceTokenEndpoint);
    assert_eq!(assert_for(&mut server, "a", &json!(ISSUER)), 400);
    assert_eq!(assert_for(&mut server, "b", &json!(TOKEN)), 200);
}

#[test]
fn an_assertion_must_be_for_the_issuer() {
    let mut server = server_with(NamedFault::AssertionAudienceIssuer);
    assert_eq!(assert_for(&mut server, "a", &json!(TOKEN)), 400);
    assert_eq!(assert_for(&mut server, "b", &json!(ISSUER)), 200);
}

#[test]
fn an_audience_must_not_be_a_list() {
    let mut server = server();
    assert_eq!(assert_for(&mut server, "a", &json!([ISSUER])), 200);
    server.inject(NamedFault::AssertionAudienceNoList);
    assert_eq!(assert_for(&mut server, "b", &json!([ISSUER])), 400);
    assert_eq!(assert_for(&mut server, "c", &json!(ISSUER)), 200);
}
