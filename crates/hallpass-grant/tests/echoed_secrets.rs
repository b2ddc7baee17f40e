//! Some servers repeat in an error what they were sent; it is not shown.

mod common;

use hallpass_grant::token::RefreshToken;
use hallpass_grant::{
    Call, Client, ClientAuthentication, ClientMetadata, Conversation, Input, RegisteredClient,
    TokenAnswer,
};

use common::*;

const SECRET: &str = "canary+secret/1";
const REFRESH: &str = "canary.refresh~1";

fn refresh(client: &Client) -> Call<TokenAnswer> {
    let token = RefreshToken::new(REFRESH).unwrap();
    let scopes = scopes("read");
    client
        .refresh(&token, &scopes, None, &mut draws(SEED))
        .unwrap()
}

fn shown(client: &Client, body: &str) -> String {
    let mut call = refresh(client);
    let mut step = call.step(Input::Begin, NOW).unwrap();
    if let hallpass_grant::Step::Sign(_) = step {
        let signature = hallpass_grant::Signature::new([1; 64]);
        step = call.step(Input::Signature(signature), NOW).unwrap();
    }
    let _request = sent(step);
    let error = call
        .step(Input::Response(json(400, body)), NOW)
        .unwrap_err();
    format!("{error} {error:?} {:?}", error.kind())
}

#[test]
fn an_error_that_repeats_what_was_sent_is_withheld() {
    for authentication in [
        ClientAuthentication::Basic(SECRET.into()),
        ClientAuthentication::Post(SECRET.into()),
    ] {
        let client = client().with_authentication(authentication);
        for canary in [SECRET, REFRESH] {
            for body in [
                format!(r#"{{"error":"invalid_grant","error_description":"{canary} is wrong"}}"#),
                format!(
                    r#"{{"error":"invalid_grant","error_uri":"https://as.example/?t={canary}"}}"#
                ),
                format!(r#"{{"error":"{canary}"}}"#),
            ] {
                let shown = shown(&client, &body);
                assert!(!shown.contains("canary"), "{shown}");
                assert!(shown.contains("withheld"), "{shown}");
            }
        }
    }
}

#[test]
fn neither_odd_characters_nor_encodings_nor_length_bring_a_secret_through() {
    let odd = "it's-<my>-\"canary";
    let client = client().with_authentication(ClientAuthentication::Basic(odd.into()));
    // `cid` and the secret, as HTTP Basic carries them.
    let basic = "Y2lkOml0JTI3cy0lM0NteSUzRS0lMjJjYW5hcnk=";
    let long = format!("{}{REFRESH}", "x".repeat(500));
    for text in [
        odd,
        "it%27s-%3Cmy%3E-%22canary",
        "refresh_token=canary.refresh%7E1",
        &format!("Authorization: Basic {basic}"),
        &long,
    ] {
        let text = serde_json::to_string(text).unwrap();
        let body = format!(r#"{{"error":"invalid_grant","error_description":{text}}}"#);
        let shown = shown(&client, &body);
        assert!(shown.contains("withheld"), "{shown}");
        assert!(
            !shown.contains("canary") && !shown.contains(basic),
            "{shown}"
        );
    }
}

#[test]
fn an_assertion_that_is_repeated_is_not_shown() {
    let key = ClientAuthentication::PrivateKeyJwt(key());
    let client = client().with_authentication(key);
    let body =
        r#"{"error":"invalid_client","error_description":"bad: eyJhbGciOiJFUzI1NiJ9.e30.AAAA"}"#;
    assert!(!shown(&client, body).contains("eyJ"));
}

#[test]
fn the_secret_in_a_registration_is_not_shown() {
    let registered: RegisteredClient = serde_json::from_str(
        r#"{"client_id":"c","client_secret":"canary-secret","client_secret_expires_at":null,
            "registration_access_token":"canary-token","registration_client_uri":"https://as.example/c","metadata":{}}"#,
    )
    .unwrap();
    let mut call = registered.update(&ClientMetadata::new()).unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    for canary in ["canary-secret", "canary-token"] {
        let body =
            format!(r#"{{"error":"invalid_client_metadata","error_description":"{canary}"}}"#);
        let error = call
            .clone()
            .step(Input::Response(json(400, &body)), NOW)
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn an_error_that_repeats_nothing_is_shown() {
    let shown = shown(
        &client(),
        r#"{"error":"invalid_grant","error_description":"it is revoked"}"#,
    );
    assert!(
        shown.contains("invalid_grant") && shown.contains("it is revoked"),
        "{shown}"
    );
}
