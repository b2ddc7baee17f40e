//! Taking a token back (RFC 7009).

mod common;

use std::time::Duration;

use hallpass_grant::token::{AccessToken, RefreshToken};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Error, ErrorCode, ErrorKind, IssuedToken, Misuse,
    RandomError, Recovery, Response, RevocationAnswer, ServerMetadata,
};

use common::*;

fn access_token() -> AccessToken {
    AccessToken::new("A+1").unwrap()
}

fn server_that_revokes() -> ServerMetadata {
    server().with_revocation_endpoint(endpoint("https://as.example/oauth/revoke"))
}

fn call() -> Call<RevocationAnswer> {
    let client = client_of(server_that_revokes());
    client.revoke(&access_token(), &mut draws(SEED)).unwrap()
}

fn read(response: Response) -> Result<(), Error> {
    answered(call(), response)
}

#[test]
fn the_request_of_rfc_7009_section_2_1_is_sent_byte_for_byte() {
    let server = ServerMetadata::default()
        .with_revocation_endpoint(endpoint("https://server.example.com/revoke"));
    let client = Client::new(server, "s6BhdRkqt3")
        .unwrap()
        .with_authentication(ClientAuthentication::Basic("gX1fBat3bV".into()));
    let token = RefreshToken::new("45ghiukldjahdnhzdauz").unwrap();
    let request = request_of(&mut client.revoke(&token, &mut draws(SEED)).unwrap());
    assert_eq!(request.method().as_str(), "POST");
    assert_eq!(
        request.endpoint().as_str(),
        "https://server.example.com/revoke"
    );
    assert_eq!(
        request.header("authorization"),
        Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")
    );
    assert_eq!(
        body(&request),
        "token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token"
    );
}

#[test]
fn an_access_token_has_its_own_hint_and_a_public_client_names_itself() {
    assert_eq!(
        body(&request_of(&mut call())),
        "token=A%2B1&token_type_hint=access_token&client_id=cid"
    );
}

#[test]
fn every_way_of_authentication_goes_to_this_endpoint_too() {
    let client = client_of(server_that_revokes())
        .with_authentication(ClientAuthentication::Post("s".into()));
    let token = access_token();
    let named = IssuedToken::Access(&token);
    let request = request_of(&mut client.revoke(named, &mut draws(SEED)).unwrap());
    assert_eq!(
        body(&request),
        "token=A%2B1&token_type_hint=access_token&client_id=cid&client_secret=s"
    );
}

#[test]
fn a_success_is_whatever_has_a_status_of_one_and_no_error_in_it() {
    for response in [
        Response::new(200),
        Response::new(204),
        json(200, "{}"),
        json(200, "null"),
        json(200, r#"{"revoked":true}"#),
        Response::new(200)
            .with_header("content-type", "text/html")
            .with_body(b"<p>Done</p>".to_vec()),
    ] {
        assert!(read(response.clone()).is_ok(), "{response:?}");
    }
}

#[test]
fn an_error_with_a_status_of_success_is_a_refusal() {
    let error = read(json(200, r#"{"error":"invalid_client"}"#)).unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(refused.status(), Some(200));
    assert_eq!(*refused.code().unwrap(), ErrorCode::INVALID_CLIENT);
}

#[test]
fn a_token_type_the_server_does_not_revoke_is_for_the_program_to_mend() {
    let error = read(json(400, r#"{"error":"unsupported_token_type"}"#)).unwrap_err();
    let code = error.refused().unwrap().code().unwrap();
    assert_eq!(*code, ErrorCode::UNSUPPORTED_TOKEN_TYPE);
    assert_eq!(error.recovery(), Recovery::Fix);
}

#[test]
fn a_503_says_when_to_try_again() {
    let response = Response::new(503).with_header("Retry-After", "120");
    let after = Some(Duration::from_secs(120));
    assert_eq!(
        read(response).unwrap_err().recovery(),
        Recovery::Retry { after }
    );
}

#[test]
fn a_redirect_is_no_success() {
    let error = read(Response::new(302)).unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(302));
}

#[test]
fn the_endpoint_may_be_the_token_endpoint() {
    let server = server().with_revocation_endpoint(endpoint("https://as.example/oauth/token"));
    let client = client_of(server);
    let mut call = client.revoke(&access_token(), &mut draws(SEED)).unwrap();
    let request = request_of(&mut call);
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/oauth/token"
    );
    assert!(!body(&request).contains("grant_type"));
}

#[test]
fn a_lost_answer_may_be_asked_for_again() {
    assert_eq!(lost_answer(call()), ErrorKind::Transport);
}

#[test]
fn what_is_missing_is_told_before_any_request() {
    let revoked = client().revoke(&access_token(), &mut draws(SEED));
    assert_eq!(
        *misuse(&revoked.unwrap_err()),
        Misuse::Missing("revocation endpoint")
    );
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let revoked = client_of(server_that_revokes()).revoke(&access_token(), &mut broken);
    assert_eq!(*misuse(&revoked.unwrap_err()), Misuse::Random);
}

#[test]
fn the_token_is_not_shown_by_debug() {
    let token = RefreshToken::new("canary").unwrap();
    let client = client_of(server_that_revokes());
    let mut call = client.revoke(&token, &mut draws(SEED)).unwrap();
    let request = request_of(&mut call);
    let shown = format!("{:?} {call:?} {request:?}", IssuedToken::Refresh(&token));
    assert!(!shown.contains("canary"), "{shown}");
}
