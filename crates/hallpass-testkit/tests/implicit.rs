//! The implicit grant (RFC 6749 §4.2), and the response modes.

mod common;

use common::*;
use hallpass_testkit::{ConsentError, Decision, User};

#[test]
fn a_token_comes_in_the_fragment_and_opens_the_resource() {
    let mut server = server();
    let location = allow(&mut server, &token_url(&[]));
    assert!(
        location.starts_with("https://app.example/callback#access_token="),
        "{location}"
    );
    for (name, value) in [
        ("token_type", "Bearer"),
        ("expires_in", "3600"),
        ("scope", "read write"),
        ("state", STATE),
    ] {
        assert_eq!(
            in_fragment(&location, name).as_deref(),
            Some(value),
            "{name}"
        );
    }
    assert_eq!(
        in_fragment(&location, "iss").as_deref(),
        Some("https://auth.example")
    );
    assert_eq!(in_fragment(&location, "refresh_token"), None);
    let token = in_fragment(&location, "access_token").unwrap();
    assert_eq!(
        json(&resource(&mut server, "/resource", &token, NOW))["sub"],
        "alice"
    );
}

#[test]
fn the_petstore_client_reads_pets_and_may_not_read_files() {
    let mut server = server();
    let url = token_url(&[("client_id", "petstore_auth"), ("scope", "read:pets")]);
    let token = in_fragment(&allow(&mut server, &url), "access_token").unwrap();
    assert_eq!(
        resource(&mut server, "/resource/pets", &token, NOW).status,
        200
    );
    assert_eq!(
        resource(&mut server, "/resource/files", &token, NOW).status,
        403
    );
}

#[test]
fn a_denial_comes_in_the_fragment_too() {
    let mut server = server();
    let location = server
        .consent(&token_url(&[]), &User::alice(), &Decision::Deny, NOW)
        .unwrap();
    assert_eq!(
        in_fragment(&location, "error").as_deref(),
        Some("access_denied")
    );
    assert_eq!(in_fragment(&location, "state").as_deref(), Some(STATE));
}

#[test]
fn a_token_never_comes_in_the_query() {
    let mut server = server();
    let location = allow(&mut server, &token_url(&[("response_mode", "query")]));
    assert_eq!(
        in_fragment(&location, "error").as_deref(),
        Some("invalid_request")
    );
}

#[test]
fn a_code_comes_in_the_fragment_when_asked() {
    let mut server = server();
    let location = allow(&mut server, &code_url(&[("response_mode", "fragment")]));
    assert!(in_fragment(&location, "code").is_some());
    assert_eq!(in_query(&location, "code"), None);
}

#[test]
fn an_answer_is_posted_when_asked() {
    let mut server = server();
    for (url, name) in [
        (code_url(&[("response_mode", "form_post")]), "code"),
        (token_url(&[("response_mode", "form_post")]), "access_token"),
    ] {
        let post = server
            .consent_by_post(&url, &User::alice(), &Decision::Allow, NOW)
            .unwrap();
        assert_eq!(post.action, CALLBACK);
        let names: Vec<_> = post
            .parameters
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(
            names.contains(&name) && names.contains(&"state") && names.contains(&"iss"),
            "{names:?}"
        );
    }
}

#[test]
fn a_helper_for_the_other_response_mode_says_so() {
    let mut server = server();
    let by_post = server.consent_by_post(&code_url(&[]), &User::alice(), &Decision::Allow, NOW);
    assert_eq!(by_post.unwrap_err(), ConsentError::ResponseMode);
    let url = code_url(&[("response_mode", "form_post")]);
    let by_redirect = server.consent(&url, &User::alice(), &Decision::Allow, NOW);
    assert_eq!(by_redirect.unwrap_err(), ConsentError::ResponseMode);
}
