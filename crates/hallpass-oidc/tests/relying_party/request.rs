//! What a login asks for, on the wire.

use std::time::Duration;

use hallpass_grant::{Code, ErrorKind, Misuse, ResponseMode};
use hallpass_oidc::{AuthenticationRequest, ClaimsRequest, Display, IndividualClaim, Prompt};
use hallpass_token::Scopes;

use crate::common::*;

fn sent(request: &AuthenticationRequest) -> std::collections::BTreeMap<String, String> {
    let begun = relying_party().login::<Code>(request, &mut draws(7), now());
    query_of(begun.unwrap().0.as_str())
}

#[test]
fn each_part_of_a_request_has_its_parameter() {
    let claims = ClaimsRequest::new().user_info("email", IndividualClaim::essential());
    let request = AuthenticationRequest::new()
        .scopes(Scopes::parse("openid email").unwrap())
        .prompt(&[Prompt::Login, Prompt::Consent])
        .max_age(Duration::from_secs(600))
        .acr_values(["gold", "silver"])
        .display(Display::Popup)
        .ui_locales(&["de-CH", "fr"])
        .claims_locales(&["de"])
        .login_hint("jane+1@example.com")
        .id_token_hint(&"a.b.c".into())
        .claims(claims)
        .response_mode(ResponseMode::FormPost)
        .parameter("hd", "example.com")
        .unwrap()
        .resource("https://api.example/")
        .unwrap();
    let sent = sent(&request);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "cid"),
        ("redirect_uri", "https://rp.example/cb"),
        ("scope", "openid email"),
        ("prompt", "login consent"),
        ("max_age", "600"),
        ("acr_values", "gold silver"),
        ("display", "popup"),
        ("ui_locales", "de-CH fr"),
        ("claims_locales", "de"),
        ("login_hint", "jane+1@example.com"),
        ("id_token_hint", "a.b.c"),
        ("claims", r#"{"userinfo":{"email":{"essential":true}}}"#),
        ("response_mode", "form_post"),
        ("hd", "example.com"),
        ("resource", "https://api.example/"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
}

#[test]
fn what_is_said_again_replaces_what_was_said() {
    let request = AuthenticationRequest::default()
        .max_age(Duration::from_secs(1))
        .max_age(Duration::from_secs(2))
        .prompt(&[Prompt::SelectAccount])
        .prompt(&[Prompt::Create])
        .display(Display::Wap)
        .display(Display::Touch)
        .acr_values(["gold"])
        .preferred_acr_values(&["silver"])
        .ui_locales(&["de"])
        .ui_locales(&[]);
    let sent = sent(&request);
    assert_eq!(sent["max_age"], "2");
    assert_eq!(sent["prompt"], "create");
    assert_eq!(sent["display"], "touch");
    assert_eq!(sent["acr_values"], "silver");
    assert_eq!(sent.get("ui_locales"), None);
    assert_eq!(sent["scope"], "openid");
}

#[test]
fn every_prompt_and_display_has_its_name() {
    let prompt = |prompt| sent(&AuthenticationRequest::new().prompt(&[prompt]))["prompt"].clone();
    assert_eq!(prompt(Prompt::None), "none");
    assert_eq!(prompt(Prompt::SelectAccount), "select_account");
    let display = |own| sent(&AuthenticationRequest::new().display(own))["display"].clone();
    assert_eq!(display(Display::Page), "page");
    assert_eq!(display(Display::Wap), "wap");
}

#[test]
fn no_prompt_stands_beside_none() {
    let request = AuthenticationRequest::new().prompt(&[Prompt::Login, Prompt::None]);
    let error = relying_party().login::<Code>(&request, &mut draws(7), now());
    let error = error.unwrap_err();
    let misuse = ErrorKind::Misuse(Misuse::Invalid {
        field: "prompt",
        reason: "`none` stands alone",
    });
    assert_eq!(*error.kind(), misuse);
}

#[test]
fn what_is_checked_or_set_here_cannot_be_given_by_hand() {
    for name in [
        "prompt",
        "max_age",
        "acr_values",
        "display",
        "ui_locales",
        "claims_locales",
        "login_hint",
        "id_token_hint",
        "claims",
        "nonce",
        "state",
        "scope",
        "request",
        "request_uri",
    ] {
        let error = AuthenticationRequest::new()
            .parameter(name, "x")
            .unwrap_err();
        let misuse = ErrorKind::Misuse(Misuse::ReservedParameter(name));
        assert_eq!(*error.kind(), misuse, "{name}");
    }
}
