//! A token for the client itself (RFC 6749 §4.4): the exact request, and every way to answer it.

mod common;
#[path = "common/signer.rs"]
mod signer;

use hallpass_grant::token::Scopes;
use hallpass_grant::{
    Call, Client, ClientAuthentication, Conversation, ErrorKind, Input, Lost, Method, Misuse,
    Profile, RandomError, Recovery, ScopeSeparator, ServerMetadata, TokenAnswer,
};

use common::*;
use signer::{assertion_of, signed};

fn confidential() -> Client {
    client().with_authentication(ClientAuthentication::Basic("s".into()))
}

fn call_of(client: &Client, names: &str) -> Call<TokenAnswer> {
    client
        .client_credentials(&scopes(names), &mut draws(SEED))
        .unwrap()
}

#[test]
fn the_form_names_the_grant_the_scopes_and_the_audience() {
    let mut call = call_of(&confidential(), "read write").with_audience("https://api.example/a&b");
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    assert_eq!(request.method(), Method::Post);
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/oauth/token"
    );
    let headers: Vec<_> = request.headers().collect();
    assert_eq!(
        headers,
        [
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
            // base64("cid:s")
            ("authorization", "Basic Y2lkOnM="),
        ]
    );
    assert_eq!(
        body(&request),
        "grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi.example%2Fa%26b"
    );
}

#[test]
fn without_scopes_no_scope_is_sent() {
    let request = sent(
        call_of(&confidential(), "")
            .step(Input::Begin, NOW)
            .unwrap(),
    );
    assert_eq!(body(&request), "grant_type=client_credentials");
}

#[test]
fn scopes_are_joined_as_the_provider_joins_them() {
    let mut profile = Profile::STRICT;
    profile.requested_scopes = ScopeSeparator::Comma;
    let mut call = call_of(&confidential().with_profile(profile), "read write");
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    assert_eq!(
        body(&request),
        "grant_type=client_credentials&scope=read%2Cwrite"
    );
}

#[test]
fn a_secret_in_the_body_names_the_client_too() {
    let client = client().with_authentication(ClientAuthentication::Post("s&1".into()));
    let request = sent(call_of(&client, "read").step(Input::Begin, NOW).unwrap());
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        body(&request),
        "grant_type=client_credentials&scope=read&client_id=cid&client_secret=s%261"
    );
}

#[test]
fn a_key_proves_the_client_with_an_assertion() {
    let client = client_of(server_with_issuer())
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let request = sent(signed(&mut call_of(&client, "read"), Input::Begin, NOW).unwrap());
    assert_eq!(request.header("authorization"), None);
    let (form, _assertion) = body(&request).split_once("&client_assertion=").unwrap();
    assert_eq!(
        form,
        "grant_type=client_credentials&scope=read&client_id=cid\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    );
    let assertion = assertion_of(&request);
    assert_eq!(assertion.claims["iss"], "cid");
    assert_eq!(assertion.claims["sub"], "cid");
    assert_eq!(assertion.claims["aud"], ISSUER);
}

#[test]
fn a_client_without_credentials_is_an_error_and_no_request() {
    let error = client()
        .client_credentials(&Scopes::new(), &mut draws(SEED))
        .unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("client secret or key"));
    assert_eq!(error.recovery(), Recovery::Fix);
}

#[test]
fn a_server_without_a_token_endpoint_and_a_broken_random_source_are_told() {
    let client = Client::new(ServerMetadata::default(), "cid")
        .unwrap()
        .with_authentication(ClientAuthentication::Basic("s".into()));
    let begun = client.client_credentials(&Scopes::new(), &mut draws(SEED));
    assert_eq!(
        *misuse(&begun.unwrap_err()),
        Misuse::Missing("token endpoint")
    );
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let begun = confidential().client_credentials(&Scopes::new(), &mut broken);
    assert_eq!(*misuse(&begun.unwrap_err()), Misuse::Random);
}

#[test]
fn an_answer_without_scopes_has_those_that_were_asked_for() {
    let answer = |scope: &str| {
        let mut call = call_of(&confidential(), "read write");
        let _request = sent(call.step(Input::Begin, NOW).unwrap());
        let answer =
            format!(r#"{{"access_token":"T","token_type":"bearer","expires_in":60{scope}}}"#);
        done(call.step(Input::Response(json(200, &answer)), NOW).unwrap())
    };
    assert_eq!(answer("").scopes, scopes("read write"));
    assert_eq!(answer(r#","scope":"read""#).scopes, scopes("read"));
    // RFC 6749 section 4.4.3: there should be no refresh token, and none is made up.
    assert_eq!(answer("").refresh_token, None);
}

#[test]
fn a_lost_answer_leaves_nothing_in_doubt() {
    for lost in [Lost::NotSent, Lost::MaybeSent] {
        let mut call = call_of(&confidential(), "read");
        let _request = sent(call.step(Input::Begin, NOW).unwrap());
        let error = call.step(Input::Lost(lost), NOW).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Transport, "{lost:?}");
        assert_eq!(error.recovery(), Recovery::Retry { after: None });
    }
}
