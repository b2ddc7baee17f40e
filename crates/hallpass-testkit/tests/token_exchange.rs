//! One token for another (RFC 8693).

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, Config, Response};
use serde_json::{Value, json};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// An exchange by `service`, with these parameters.
fn exchange(server: &mut AuthorizationServer, form: &[(&str, &str)]) -> Response {
    let form = [&[("grant_type", GRANT_TYPE)], form].concat();
    server.respond(&by_service("/oauth/token", &form), NOW)
}

fn answer(server: &mut AuthorizationServer, form: &[(&str, &str)]) -> Value {
    let response = exchange(server, form);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}

fn subject(token: &str) -> [(&str, &str); 2] {
    [("subject_token", token), ("subject_token_type", ACCESS)]
}

fn alices_token(server: &mut AuthorizationServer) -> String {
    text(&tokens(server), "access_token").to_owned()
}

#[test]
fn an_access_token_becomes_another_for_the_same_user() {
    let mut server = server();
    let token = alices_token(&mut server);
    let answer = answer(&mut server, &subject(&token));
    assert_eq!(answer["issued_token_type"], ACCESS);
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&"Bearer".into(), &3600.into())
    );
    assert_eq!(
        (&answer["scope"], answer.get("refresh_token")),
        (&"read write".into(), None)
    );
    let described = introspect(&mut server, text(&answer, "access_token"), NOW);
    assert_eq!(
        (&described["sub"], &described["client_id"]),
        (&"alice".into(), &"service".into())
    );
    assert_eq!(described.get("act"), None);
    assert!(server.is_valid(&token, NOW));
}

#[test]
fn who_acts_is_remembered() {
    let mut server = server();
    let token = alices_token(&mut server);
    let form = [("grant_type", "client_credentials")];
    let own = json(&server.respond(&by_service("/oauth/token", &form), NOW));
    let actor = [
        ("actor_token", text(&own, "access_token")),
        ("actor_token_type", ACCESS),
    ];
    let form = [subject(&token), actor].concat();
    let answer = answer(&mut server, &form);
    let described = introspect(&mut server, text(&answer, "access_token"), NOW);
    assert_eq!(
        (&described["sub"], &described["act"]),
        (&"alice".into(), &json!({ "sub": "service" }))
    );
}

#[test]
fn where_and_for_what_the_token_will_be_used_can_be_said() {
    let config = Config::new()
        .resource("https://a.example")
        .resource("backend")
        .resource("logs");
    let mut server = AuthorizationServer::new(config);
    let token = alices_token(&mut server);
    let targets = [
        ("resource", "https://a.example"),
        ("audience", "backend"),
        ("audience", "logs"),
        ("scope", "read"),
    ];
    let answer = answer(&mut server, &[&subject(&token)[..], &targets].concat());
    assert_eq!(answer["scope"], "read");
    let described = introspect(&mut server, text(&answer, "access_token"), NOW);
    assert_eq!(
        described["aud"],
        json!(["https://a.example", "backend", "logs"])
    );
    for unknown in [("resource", "https://b.example"), ("audience", "frontend")] {
        let form = [&subject(&token)[..], &[unknown]].concat();
        let response = exchange(&mut server, &form);
        assert_eq!(refusal(&response), (400, "invalid_target".to_owned()));
    }
}

#[test]
fn what_is_no_access_token_has_the_type_n_a() {
    let mut server = server();
    let token = alices_token(&mut server);
    let ask = |requested| [&subject(&token)[..], &[("requested_token_type", requested)]].concat();

    let refresh = answer(&mut server, &ask(REFRESH));
    assert_eq!(
        (&refresh["issued_token_type"], &refresh["token_type"]),
        (&REFRESH.into(), &"N_A".into())
    );
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&refresh, "access_token")),
    ];
    assert_eq!(
        server
            .respond(&by_service("/oauth/token", &form), NOW)
            .status,
        200
    );

    let jwt = answer(&mut server, &ask(JWT));
    assert_eq!(
        (&jwt["issued_token_type"], &jwt["token_type"]),
        (&JWT.into(), &"N_A".into())
    );
    let jwt = text(&jwt, "access_token");
    assert_eq!(jwt.split('.').count(), 3);
    assert!(!server.is_valid(jwt, NOW));
    let back = [("subject_token", jwt), ("subject_token_type", JWT)];
    let back = answer(&mut server, &back);
    let described = introspect(&mut server, text(&back, "access_token"), NOW);
    assert_eq!(
        (&described["sub"], &described["scope"]),
        (&"alice".into(), &"read write".into())
    );
}

#[test]
fn a_refresh_token_is_a_subject_too_and_is_not_spent() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "refresh_token");
    let form = [("subject_token", token), ("subject_token_type", REFRESH)];
    assert_eq!(answer(&mut server, &form)["token_type"], "Bearer");
    assert_eq!(refresh(&mut server, token, NOW).status, 200);
}

#[test]
fn a_token_that_is_not_good_is_an_invalid_request() {
    let mut server = server();
    let token = alices_token(&mut server);
    let forged = sign(
        &json!({ "iss": "https://other.example", "sub": "alice", "scope": "read", "exp": NOW + 9 }),
    );
    let stale = sign(
        &json!({ "iss": "https://auth.example", "sub": "alice", "scope": "read", "exp": NOW }),
    );
    for form in [
        vec![],
        vec![("subject_token", token.as_str())],
        vec![("subject_token_type", ACCESS)],
        subject("unknown").to_vec(),
        vec![("subject_token", &token), ("subject_token_type", REFRESH)],
        vec![("subject_token", &token), ("subject_token_type", JWT)],
        vec![("subject_token", &forged), ("subject_token_type", JWT)],
        vec![("subject_token", &stale), ("subject_token_type", JWT)],
        vec![
            ("subject_token", &token),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:saml2",
            ),
        ],
        [&subject(&token)[..], &[("actor_token", "x")]].concat(),
        [&subject(&token)[..], &[("actor_token_type", ACCESS)]].concat(),
        [
            &subject(&token)[..],
            &[("actor_token", "x"), ("actor_token_type", ACCESS)],
        ]
        .concat(),
        [&subject(&token)[..], &[("requested_token_type", "urn:x")]].concat(),
    ] {
        let response = exchange(&mut server, &form);
        assert_eq!(
            refusal(&response),
            (400, "invalid_request".to_owned()),
            "{form:?}"
        );
    }
}

#[test]
fn nobody_gets_more_than_both_the_token_and_the_client_have() {
    let mut server = server();
    let url = code_url(&[("scope", "read file_requests.read")]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    let token = text(&tokens, "access_token");
    for scope in ["write", "file_requests.read", "read write"] {
        let form = [&subject(token)[..], &[("scope", scope)]].concat();
        let response = exchange(&mut server, &form);
        assert_eq!(
            refusal(&response),
            (400, "invalid_scope".to_owned()),
            "{scope}"
        );
    }
    assert_eq!(answer(&mut server, &subject(token))["scope"], "read");
}

#[test]
fn a_client_has_to_be_registered_for_it() {
    let mut server = server();
    let token = alices_token(&mut server);
    let who = [("grant_type", GRANT_TYPE), ("client_id", "native")];
    let form = [who, subject(&token)].concat();
    let response = server.respond(&token_request(&form), NOW);
    assert_eq!(refusal(&response), (400, "unauthorized_client".to_owned()));
}
