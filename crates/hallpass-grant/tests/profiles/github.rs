//! GitHub, by its documentation: "Authorizing OAuth apps", "Generating a user access token for a GitHub App", "Refreshing user
//! access tokens" and "Troubleshooting OAuth app access token request errors". Every answer has status 200. `bad_refresh_token`
//! stands in none of them; it is what the server says.

use hallpass_grant::token::{Json, Lifetime};
use hallpass_grant::{Callback, ErrorKind, Violation};

use super::*;

const CODE: &str = include_str!("data/github/code.json");
const CODE_AS_FORM: &str = include_str!("data/github/code.txt");
const APP: &str = include_str!("data/github/app.json");
const BAD_CODE: &str = include_str!("data/github/bad_verification_code.json");
const BAD_CODE_AS_FORM: &str = include_str!("data/github/bad_verification_code.txt");
const BAD_CLIENT: &str = include_str!("data/github/incorrect_client_credentials.json");
const BAD_REDIRECT: &str = include_str!("data/github/redirect_uri_mismatch.json");
const BAD_REFRESH: &str = include_str!("data/github/bad_refresh_token.json");
const DEVICE: &str = include_str!("data/github/device.json");
const PENDING: &str = include_str!("data/github/authorization_pending.json");
const SLOW_DOWN: &str = include_str!("data/github/slow_down.json");

fn client() -> Client {
    client_at(ServerMetadata::github(), Profile::GITHUB)
}

fn form(body: &str) -> Response {
    Response::new(200)
        .with_header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .with_body(body.as_bytes().to_vec())
}

#[test]
fn an_oauth_apps_token_has_scopes_and_no_end() {
    for answer in [json(200, CODE), form(CODE_AS_FORM)] {
        let set = exchanged(&client(), answer).unwrap();
        assert_eq!(set.access_token.expose_secret(), "gho_example");
        assert_eq!(set.scopes, scopes("repo gist"));
        assert_eq!(set.expires_at, None);
        assert_eq!(set.refresh_token, None);
    }
}

#[test]
fn a_github_apps_token_ends_after_eight_hours_and_has_no_scopes() {
    for read in [exchanged, refreshed] {
        let set = read(&client(), json(200, APP)).unwrap();
        let end = Lifetime::from_seconds(28800).after(NOW);
        assert_eq!(set.expires_at, Some(end));
        assert!(set.scopes.is_empty());
        assert_eq!(set.refresh_token.unwrap().expose_secret(), "ghr_example");
        let end_of_refresh = set.extra.value("refresh_token_expires_in");
        assert_eq!(end_of_refresh, Some(&Json::Integer(15_897_600)));
    }
}

#[test]
fn every_error_comes_with_a_200_and_says_what_to_do() {
    for (answer, code, recovery) in [
        (BAD_CODE, "bad_verification_code", Recovery::Reauthorize),
        (BAD_CLIENT, "incorrect_client_credentials", Recovery::Fix),
        (BAD_REDIRECT, "redirect_uri_mismatch", Recovery::Fix),
    ] {
        let error = exchanged(&client(), json(200, answer)).unwrap_err();
        assert_eq!(told(&error), (code, false, recovery));
        let refused = error.refused().unwrap();
        assert_eq!(refused.status(), Some(200));
        assert!(refused.description().unwrap().ends_with('.'));
        assert!(
            refused
                .uri()
                .unwrap()
                .starts_with("https://docs.github.com/")
        );
    }
    let error = exchanged(&client(), form(BAD_CODE_AS_FORM)).unwrap_err();
    let expected = ("bad_verification_code", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
}

#[test]
fn a_dead_refresh_token_ends_the_grant_and_a_dead_code_does_not() {
    let error = refreshed(&client(), json(200, BAD_REFRESH)).unwrap_err();
    let expected = ("bad_refresh_token", true, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
    let strict = client_at(ServerMetadata::github(), Profile::STRICT);
    let error = refreshed(&strict, json(200, BAD_REFRESH)).unwrap_err();
    assert_eq!(told(&error), ("bad_refresh_token", false, Recovery::Fail));
}

#[test]
fn without_the_profile_two_scopes_are_one_and_a_form_is_no_answer() {
    let strict = client_at(ServerMetadata::github(), Profile::STRICT);
    let set = exchanged(&strict, json(200, CODE)).unwrap();
    assert_eq!(set.scopes, scopes("repo,gist"));
    let error = exchanged(&strict, form(CODE_AS_FORM)).unwrap_err();
    assert_eq!(*violation(&error), Violation::ContentType);
}

#[test]
fn its_redirects_name_it_and_no_other() {
    let receive = |iss: &str| {
        let client = client();
        receive_code(&client, &format!("&code=c{iss}")).map(|_| ())
    };
    assert!(receive("").is_ok());
    assert!(receive("&iss=https%3A%2F%2Fgithub.com%2Flogin%2Foauth").is_ok());
    let error = receive("&iss=https%3A%2F%2Fevil.example").unwrap_err();
    assert_eq!(*violation(&error), Violation::IssuerMismatch);
}

#[test]
fn a_user_who_says_no_is_access_denied() {
    let (_, pending) = begin_code(&client());
    let callback = format!(
        "/cb?error=access_denied&error_description=The+user+has+denied+your+application+access.\
         &error_uri=https%3A%2F%2Fdocs.github.com%2Fapps&state={STATE}"
    );
    let error = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap_err();
    let expected = ("access_denied", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
}

#[test]
fn a_device_is_asked_for_until_the_user_has_answered() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    assert_eq!(device.user_code, "WDJB-MJHT");
    assert_eq!(
        device.verification_uri.as_str(),
        "https://github.com/login/device"
    );
    assert_eq!(device.expires_at, Lifetime::from_seconds(900).after(NOW));
    let answers = [PENDING, SLOW_DOWN, PENDING, CODE];
    let answers = answers.map(|answer| json(200, answer)).to_vec();
    let (waits, outcome) = polled(&client, &device, answers);
    assert_eq!(waits, [5, 5, 10, 10]);
    assert_eq!(outcome.unwrap().scopes, scopes("repo gist"));
}

#[test]
fn a_device_code_that_has_expired_is_expired_by_either_name() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    for name in ["expired_token", "token_expired"] {
        let answer = json(200, &format!(r#"{{"error":"{name}"}}"#));
        let (_, outcome) = polled(&client, &device, vec![answer]);
        let error = outcome.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Expired(_)), "{name}");
    }
}

#[test]
fn a_device_login_ends_with_whatever_else_github_says() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    for (name, recovery) in [
        ("access_denied", Recovery::Reauthorize),
        ("incorrect_device_code", Recovery::Reauthorize),
        ("incorrect_client_credentials", Recovery::Fix),
        ("device_flow_disabled", Recovery::Fix),
        ("unsupported_grant_type", Recovery::Fix),
    ] {
        let answer = json(200, &format!(r#"{{"error":"{name}"}}"#));
        let (_, outcome) = polled(&client, &device, vec![answer]);
        assert_eq!(told(&outcome.unwrap_err()), (name, false, recovery));
    }
}
