//! Asking the server about a token (RFC 7662).

mod common;

use hallpass_grant::token::{AccessToken, RefreshToken};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Error, ErrorKind, Introspection, IntrospectionAnswer,
    Misuse, ServerMetadata, TokenInformation, Violation,
};
use time::UtcDateTime;

use common::*;

const EXAMPLE: &str = include_str!("vectors/rfc7662-section-2.2.json");

fn resource_server() -> Client {
    let server =
        server().with_introspection_endpoint(endpoint("https://server.example.com/introspect"));
    Client::new(server, "s6BhdRkqt3")
        .unwrap()
        .with_authentication(ClientAuthentication::Basic("gX1fBat3bV".into()))
}

fn call() -> Call<IntrospectionAnswer> {
    let token = AccessToken::new("mF_9.B5f-4.1JqM").unwrap();
    resource_server()
        .introspect(&token, &mut draws(SEED))
        .unwrap()
}

fn read(answer: &str) -> Result<Introspection, Error> {
    answered(call(), json(200, answer))
}

fn active(members: &str) -> TokenInformation {
    match read(&format!(r#"{{"active":true{members}}}"#)) {
        Ok(Introspection::Active(information)) => *information,
        other => panic!("{members}: {other:?}"),
    }
}

fn is_violation(answer: &str) {
    let error = read(answer).unwrap_err();
    assert!(
        matches!(violation(&error), Violation::Malformed(_)),
        "{answer}: {error}"
    );
}

fn date(seconds: i64) -> Option<UtcDateTime> {
    UtcDateTime::from_unix_timestamp(seconds).ok()
}

#[test]
fn the_request_of_rfc_7662_section_2_1_is_sent_byte_for_byte() {
    let request = request_of(&mut call());
    assert_eq!(request.method().as_str(), "POST");
    assert_eq!(
        request.endpoint().as_str(),
        "https://server.example.com/introspect"
    );
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(
        request.header("authorization"),
        Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")
    );
    assert_eq!(
        body(&request),
        "token=mF_9.B5f-4.1JqM&token_type_hint=access_token"
    );
    let token = RefreshToken::new("R").unwrap();
    let mut call = resource_server()
        .introspect(&token, &mut draws(SEED))
        .unwrap();
    assert_eq!(
        body(&request_of(&mut call)),
        "token=R&token_type_hint=refresh_token"
    );
}

#[test]
fn the_answer_of_rfc_7662_section_2_2_is_read_member_by_member() {
    let Introspection::Active(information) = read(EXAMPLE).unwrap() else {
        panic!("the token is active");
    };
    assert_eq!(information.scopes, Some(scopes("read write dolphin")));
    assert_eq!(information.client_id.as_deref(), Some("l238j323ds-23ij4"));
    assert_eq!(information.username.as_deref(), Some("jdoe"));
    assert_eq!(information.token_type, None);
    assert_eq!(information.expires_at, date(1_419_356_238));
    assert_eq!(information.issued_at, date(1_419_350_238));
    assert_eq!(information.not_before, None);
    assert_eq!(information.subject.as_deref(), Some("Z5O3upPC88QrAjx00dis"));
    assert_eq!(
        information.audiences,
        ["https://protected.example.net/resource"]
    );
    assert_eq!(
        information.issuer.as_deref(),
        Some("https://server.example.com/")
    );
    assert_eq!(information.jwt_id, None);
    let names: Vec<_> = information.extra.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["extension_field"]);
}

#[test]
fn an_inactive_token_says_nothing_else() {
    assert_eq!(
        read(r#"{"active":false}"#).unwrap(),
        Introspection::Inactive
    );
    let more = r#"{"active":false,"scope":"read","exp":"never"}"#;
    assert_eq!(read(more).unwrap(), Introspection::Inactive);
}

#[test]
fn only_true_is_active_and_only_false_is_not() {
    for value in [r#""true""#, r#""false""#, "1", "0", "null", "[]", "{}"] {
        is_violation(&format!(r#"{{"active":{value}}}"#));
    }
    is_violation(r#"{"sub":"jdoe"}"#);
    assert!(matches!(
        violation(&read(r#"{"active":false,"active":true}"#).unwrap_err()),
        Violation::Json(_)
    ));
}

#[test]
fn an_active_token_of_which_nothing_is_said_is_active() {
    assert_eq!(active(""), TokenInformation::default());
    assert_eq!(
        active(r#","scope":null,"exp":null,"aud":null,"sub":null"#),
        TokenInformation::default()
    );
}

#[test]
fn one_audience_is_a_list_of_one() {
    assert_eq!(active(r#","aud":"a""#).audiences, ["a"]);
    assert_eq!(active(r#","aud":["a","b"]"#).audiences, ["a", "b"]);
    assert!(active(r#","aud":[]"#).audiences.is_empty());
    for wrong in ["7", r#"["a",7]"#, r#"{"a":1}"#, r#"[["a"]]"#] {
        is_violation(&format!(r#"{{"active":true,"aud":{wrong}}}"#));
    }
}

#[test]
fn a_date_may_have_a_fraction_and_must_be_one() {
    assert_eq!(
        active(r#","exp":1419356238.75"#).expires_at,
        date(1_419_356_238)
    );
    assert_eq!(
        active(r#","iat":1.419350238e9"#).issued_at,
        date(1_419_350_238)
    );
    assert_eq!(active(r#","nbf":0"#).not_before, date(0));
    for wrong in [
        "1e300",
        "-1e300",
        "253402300800",
        "18446744073709551615",
        r#""1419356238""#,
        "true",
        "[1419356238]",
    ] {
        for name in ["exp", "iat", "nbf"] {
            is_violation(&format!(r#"{{"active":true,"{name}":{wrong}}}"#));
        }
    }
}

#[test]
fn a_member_of_another_kind_is_a_violation() {
    for member in [
        r#""scope":["read"]"#,
        r#""scope":"a\\b""#,
        r#""client_id":7"#,
        r#""username":{}"#,
        r#""token_type":false"#,
        r#""sub":7"#,
        r#""iss":[]"#,
        r#""jti":1.5"#,
    ] {
        is_violation(&format!(r#"{{"active":true,{member}}}"#));
    }
}

#[test]
fn a_public_client_may_not_ask() {
    let client = resource_server().with_authentication(ClientAuthentication::None);
    let token = AccessToken::new("T").unwrap();
    let error = client.introspect(&token, &mut draws(SEED)).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("client secret or key"));
    let without = Client::new(ServerMetadata::default(), "cid")
        .unwrap()
        .with_authentication(ClientAuthentication::Post("s".into()));
    let error = without.introspect(&token, &mut draws(SEED)).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("introspection endpoint"));
}

#[test]
fn a_refusal_is_no_word_about_the_token() {
    let error = answered(call(), json(401, r#"{"error":"invalid_client"}"#)).unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(401));
    let in_success = read(r#"{"error":"invalid_token"}"#).unwrap_err();
    assert!(in_success.refused().is_some());
}

#[test]
fn a_lost_answer_may_be_asked_for_again() {
    assert_eq!(lost_answer(call()), ErrorKind::Transport);
}
