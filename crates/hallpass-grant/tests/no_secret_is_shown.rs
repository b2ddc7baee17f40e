//! No Debug, Display or error of a public type shows a secret, a code, a token, a state or a query string.

mod common;

use std::error::Error as _;
use std::fmt::Debug;

use hallpass_grant::token::{RefreshToken, Scopes};
use hallpass_grant::{
    AuthorizationRequest, Callback, Client, ClientAuthentication, Conversation, Discovery, Error,
    Input, Issuer, RandomError, ServerMetadata, Signature, Step,
};

use common::*;

/// Nothing that must be kept is written without this in it.
const CANARY: &str = "canary";

fn shows_nothing(value: &impl Debug) {
    let shown = format!("{value:?} {value:#?}");
    for secret in [CANARY, STATE, VERIFIER] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

fn error_shows_nothing(error: &Error) {
    shows_nothing(error);
    let mut shown = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        shown += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    for secret in [CANARY, STATE, VERIFIER] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

fn secretive(authentication: ClientAuthentication) -> Client {
    let server = ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://as.example/a?key=canary"))
        .with_token_endpoint(endpoint("https://as.example/t?key=canary"));
    Client::new(server, "cid")
        .unwrap()
        .with_authentication(authentication)
        .with_redirect_uri("https://app.example/cb?key=canary#canary")
        .unwrap()
}

#[test]
fn a_login_shows_nothing_from_its_beginning_to_its_end() {
    for authentication in [
        ClientAuthentication::Basic("canary-secret".into()),
        ClientAuthentication::Post("canary-secret".into()),
        ClientAuthentication::PrivateKeyJwt(key()),
    ] {
        let client = secretive(authentication);
        shows_nothing(&client);
        shows_nothing(&client.code().unwrap());
        shows_nothing(&client.implicit().unwrap());
        let request = AuthorizationRequest::new()
            .parameter("login_hint", "canary")
            .unwrap();
        shows_nothing(&request);
        let (url, pending) = client
            .code()
            .unwrap()
            .begin(request, &mut draws(SEED), NOW)
            .unwrap();
        shows_nothing(&url);
        shows_nothing(&pending);
        shows_nothing(pending.state());
        let callback = format!("/cb?code=canary-code&state={STATE}");
        let callback = Callback::from_url(&callback);
        shows_nothing(&callback);
        let code = pending.receive(&callback, NOW).unwrap();
        shows_nothing(&code);
        let mut call = client.exchange(code).unwrap();
        shows_nothing(&call);
        let mut step = call.step(Input::Begin, NOW).unwrap();
        shows_nothing(&call);
        if let Step::Sign(input) = &step {
            shows_nothing(input);
            let signature = Signature::new(
                *b"canary-canary-canary-canary-canary-canary-canary-canary-canary-c",
            );
            shows_nothing(&signature);
            step = call.step(Input::Signature(signature), NOW).unwrap();
        }
        shows_nothing(&step);
        shows_nothing(&call);
        let request = sent(step);
        shows_nothing(&request);
        shows_nothing(request.body());
        let answer = r#"{"access_token":"canary-token","token_type":"bearer","refresh_token":"canary-refresh",
            "id_token":"canary-id","canary":"canary"}"#;
        let response = json(200, answer).with_header("location", "https://a/#access_token=canary");
        shows_nothing(&response);
        let input = Input::Response(response);
        shows_nothing(&input);
        let step = call.step(input, NOW).unwrap();
        shows_nothing(&step);
        shows_nothing(&done(step));
        shows_nothing(&call);
    }
}

#[test]
fn a_refresh_shows_nothing() {
    let token = RefreshToken::new("canary").unwrap();
    shows_nothing(&token);
    let client = secretive(ClientAuthentication::None);
    let mut call = client
        .refresh(&token, &Scopes::new(), None, &mut draws(SEED))
        .unwrap();
    shows_nothing(&call);
    shows_nothing(&call.step(Input::Begin, NOW).unwrap());
}

#[test]
fn what_is_wrong_with_a_callback_is_told_without_it() {
    let client = secretive(ClientAuthentication::None);
    for callback in [
        "/cb?code=canary&state=canary".to_owned(),
        format!("/cb?code=canary&code=canary&state={STATE}"),
        format!("/cb?canary=1&canary=2&state={STATE}"),
        format!("/cb?code=canary%zz&state={STATE}"),
        format!("/cb?code=canary&error=e&state={STATE}"),
        format!("/cb?code=canary&access_token=canary&state={STATE}"),
        format!("/cb?state={STATE}#access_token=canary"),
        format!("/cb?code={}&state={STATE}", CANARY.repeat(20_000)),
        "/cb".to_owned(),
    ] {
        let (_, pending) = begin_code(&client);
        error_shows_nothing(
            &pending
                .receive(&Callback::from_url(&callback), NOW)
                .unwrap_err(),
        );
    }
    for rest in [
        "&access_token=canary",
        "&access_token=canary%00&token_type=bearer",
        "&access_token=canary&token_type=canary",
        "&access_token=canary&token_type=bearer&expires_in=canary",
        "&access_token=canary&token_type=bearer&scope=canary%22",
    ] {
        error_shows_nothing(&receive_token(&client, rest).unwrap_err());
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_told_without_it() {
    for (status, answer) in [
        (200, "canary"),
        (200, r#"{"canary":"canary","canary":1}"#),
        (
            200,
            r#"{"access_token":"canary\u0000","token_type":"bearer"}"#,
        ),
        (200, r#"{"access_token":"canary","token_type":"canary"}"#),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","expires_in":"canary"}"#,
        ),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","scope":"canary\""}"#,
        ),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","refresh_token":"canary\n"}"#,
        ),
        (500, "canary"),
        (400, r#"{"error":{"canary":"canary"}}"#),
    ] {
        error_shows_nothing(&exchange_answered(json(status, answer)).unwrap_err());
    }
}

#[test]
fn what_is_wrong_with_metadata_is_told_without_a_query() {
    let issuer = Issuer::new(ISSUER).unwrap();
    shows_nothing(&Discovery::new(issuer.clone()));
    let document =
        format!(r#"{{"issuer":"{ISSUER}","token_endpoint":"http://as.example/?canary"}}"#);
    error_shows_nothing(&ServerMetadata::read(document.as_bytes(), &issuer).unwrap_err());
    let document = format!(
        r#"{{"issuer":"{ISSUER}","token_endpoint":"https://as.example/?canary","canary":1}}"#
    );
    shows_nothing(&ServerMetadata::read(document.as_bytes(), &issuer).unwrap());
}

#[test]
fn misuse_is_told_without_what_was_misused() {
    error_shows_nothing(
        &client()
            .with_redirect_uri("https://app.example/?canary canary")
            .unwrap_err(),
    );
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let client = secretive(ClientAuthentication::None);
    let begun = client
        .code()
        .unwrap()
        .begin(AuthorizationRequest::new(), &mut broken, NOW);
    error_shows_nothing(&begun.unwrap_err());
}
