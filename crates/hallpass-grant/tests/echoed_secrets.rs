//! Some servers repeat in an error what they were sent; it is not shown.

mod common;

use hallpass_grant::token::RefreshToken;
use hallpass_grant::{Call, Client, ClientAuthentication, Conversation, Input, TokenAnswer};

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
    format!("{error} {error:?}")
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
