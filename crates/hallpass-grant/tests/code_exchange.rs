//! A code exchanged for tokens (RFC 6749 §4.1.3): the exact request, and every way to answer it.

mod common;

use hallpass_grant::token::{Lifetime, TokenType};
use hallpass_grant::{
    BasicEncoding, Client, ClientAuthentication, Conversation, ErrorKind, Input, Lost, Method,
    Profile, Recovery, Request, Violation,
};

use common::*;

fn request_of(client: &Client) -> Request {
    sent(exchange_of(client).step(Input::Begin, NOW).unwrap())
}

fn form(rest: &str) -> String {
    format!(
        "grant_type=authorization_code&code=SplxlOBe\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_verifier={VERIFIER}{rest}"
    )
}

#[test]
fn a_confidential_client_posts_this_form_with_basic() {
    let client = client().with_authentication(ClientAuthentication::Basic("c:s&é".into()));
    let request = request_of(&client);
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
            ("authorization", "Basic Y2lkOmMlM0FzJTI2JUMzJUE5"),
        ]
    );
    assert_eq!(body(&request), form(""));
}

#[test]
fn basic_is_raw_only_where_the_profile_says_so() {
    let mut profile = Profile::STRICT;
    profile.basic = BasicEncoding::Raw;
    let client = client().with_authentication(ClientAuthentication::Basic("c:s&é".into()));
    let request = request_of(&client.with_profile(profile));
    assert_eq!(
        request.header("authorization"),
        Some("Basic Y2lkOmM6cybDqQ==")
    );
}

#[test]
fn every_character_that_basic_could_confuse_is_form_encoded() {
    let client = client().with_authentication(ClientAuthentication::Basic(":%+é".into()));
    // base64("cid:%3A%25%2B%C3%A9")
    let expected = "Basic Y2lkOiUzQSUyNSUyQiVDMyVBOQ==";
    assert_eq!(request_of(&client).header("authorization"), Some(expected));
}

#[test]
fn a_secret_in_the_body_stands_nowhere_else() {
    let client = client().with_authentication(ClientAuthentication::Post("s&1".into()));
    let request = request_of(&client);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(body(&request), form("&client_id=cid&client_secret=s%261"));
}

#[test]
fn a_public_client_sends_its_id_alone() {
    let request = request_of(&client());
    assert_eq!(request.header("authorization"), None);
    assert_eq!(body(&request), form("&client_id=cid"));
}

#[test]
fn a_redirect_uri_that_was_omitted_is_absent_here_too() {
    let client = Client::new(server(), "cid").unwrap();
    assert!(!body(&request_of(&client)).contains("redirect_uri"));
}

#[test]
fn the_endpoints_query_stays_on_the_request() {
    let at = endpoint("https://as.example/token?tenant=1");
    let request = request_of(&client_of(server().with_token_endpoint(at)));
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/token?tenant=1"
    );
}

#[test]
fn an_answer_becomes_a_token_set() {
    let answer = r#"{"access_token":"T","token_type":"Bearer","expires_in":3600,"refresh_token":"R",
        "scope":"read","id_token":"I","userinfo":{"sub":"1"},"expiry":1}"#;
    let set = exchange_answered(json(200, answer)).unwrap();
    assert_eq!(set.access_token.expose_secret(), "T");
    assert_eq!(set.token_type, TokenType::Bearer);
    assert_eq!(
        set.expires_at,
        Some(Lifetime::from_seconds(3600).after(NOW))
    );
    assert_eq!(set.refresh_token.as_ref().unwrap().expose_secret(), "R");
    assert_eq!(set.scopes, scopes("read"));
    assert_eq!(set.id_token.as_ref().unwrap().expose_secret(), "I");
    let userinfo = set.extra("userinfo").unwrap().as_object().unwrap();
    assert_eq!(userinfo.value("sub").unwrap().as_str(), Some("1"));
}

#[test]
fn a_servers_own_expiry_is_not_believed() {
    let answer =
        r#"{"access_token":"T","token_type":"bearer","expiry":4000000000,"expires_at":4000000000}"#;
    assert_eq!(
        exchange_answered(json(200, answer)).unwrap().expires_at,
        None
    );
}

#[test]
fn every_expires_in_has_a_meaning_or_an_error() {
    let end = |expires_in: &str| {
        let answer =
            format!(r#"{{"access_token":"T","token_type":"bearer","expires_in":{expires_in}}}"#);
        exchange_answered(json(200, &answer)).map(|set| set.expires_at)
    };
    let after = |seconds| Some(Lifetime::from_seconds(seconds).after(NOW));
    for (expires_in, expected) in [
        ("3600", after(3600)),
        (r#""3600""#, after(3600)),
        ("0", Some(NOW)),
        ("-5", Some(NOW)),
        ("1.9", after(1)),
        ("18446744073709551616", after(u64::MAX)),
        (r#""1e400""#, after(u64::MAX)),
        ("null", None),
    ] {
        assert_eq!(end(expires_in).unwrap(), expected, "{expires_in}");
    }
    for wrong in ["1e400", r#""abc""#, "true", "[]"] {
        assert!(
            matches!(end(wrong).unwrap_err().kind(), ErrorKind::Violation(_)),
            "{wrong}"
        );
    }
}

#[test]
fn an_absent_scope_is_as_requested_and_an_empty_one_never_widens() {
    let granted = |scope: &str| {
        let answer = format!(r#"{{"access_token":"T","token_type":"bearer"{scope}}}"#);
        exchange_answered(json(200, &answer)).unwrap()
    };
    assert_eq!(granted("").scopes, scopes("read write"));
    assert!(granted(r#","scope":"""#).scopes.is_empty());
    let difference = granted(r#","scope":"read admin""#).compared_with(&scopes("read write"));
    assert_eq!(difference.added, scopes("admin"));
}

#[test]
fn a_refusal_keeps_status_code_description_and_uri() {
    for (status, code) in [
        (400, "invalid_request"),
        (401, "invalid_client"),
        (400, "invalid_grant"),
        (400, "unauthorized_client"),
        (400, "unsupported_grant_type"),
        (400, "invalid_scope"),
        (400, "invalid_target"),
        (400, "use_dpop_nonce"),
        (400, "something_else"),
    ] {
        let answer = format!(
            r#"{{"error":"{code}","error_description":"why","error_uri":"https://as.example/e"}}"#
        );
        let error = exchange_answered(json(status, &answer)).unwrap_err();
        let refused = error.refused().unwrap();
        assert_eq!(refused.status(), Some(status));
        assert_eq!(refused.code().unwrap(), code);
        assert_eq!(refused.description(), Some("why"));
        assert_eq!(refused.uri(), Some("https://as.example/e"));
    }
}

#[test]
fn an_error_body_that_is_none_is_a_refusal_with_a_status() {
    for (status, answer) in [
        (400, "<html>canary</html>"),
        (400, ""),
        (401, "[]"),
        (400, r#"{"error":7}"#),
        (403, "{}"),
        (500, "canary"),
        (302, ""),
        (307, ""),
    ] {
        let error = exchange_answered(json(status, answer)).unwrap_err();
        let refused = error.refused().unwrap();
        assert_eq!(
            (refused.status(), refused.code()),
            (Some(status), None),
            "{answer}"
        );
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&status.to_string()) && !shown.contains("canary"),
            "{shown}"
        );
    }
}

#[test]
fn a_redirect_of_the_token_endpoint_is_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        let mut call = exchange_of(&client());
        let _request = sent(call.step(Input::Begin, NOW).unwrap());
        let response = json(status, "").with_header("location", "https://evil.example/");
        let error = call.step(Input::Response(response), NOW).unwrap_err();
        assert_eq!(error.refused().unwrap().status(), Some(status));
        assert!(
            call.step(Input::Begin, NOW).is_err(),
            "the code is not sent again"
        );
    }
}

#[test]
fn a_success_that_is_none_is_a_violation() {
    for answer in ["{}", "[]", "text", "", "null", r#""T""#] {
        let error = exchange_answered(json(200, answer)).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Violation(_)),
            "{answer}: {error}"
        );
    }
}

#[test]
fn an_error_with_status_200_is_a_refusal() {
    let answer = r#"{"error":"invalid_grant","access_token":"T","token_type":"bearer"}"#;
    let error = exchange_answered(json(200, answer)).unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap(), "invalid_grant");
}

#[test]
fn an_access_token_is_printable_text_and_not_empty() {
    for token in [
        "null",
        r#""""#,
        "1",
        "true",
        "[]",
        "{}",
        r#""a\r\nX: y""#,
        r#""\u0000""#,
    ] {
        let answer = format!(r#"{{"access_token":{token},"token_type":"bearer"}}"#);
        let error = exchange_answered(json(200, &answer)).unwrap_err();
        let is_told = match violation(&error) {
            Violation::NoAccessToken { setting } => (token, *setting) == ("null", "token_object"),
            other => token != "null" && matches!(other, Violation::Malformed(_)),
        };
        assert!(is_told, "{token}: {error}");
    }
}

#[test]
fn a_token_type_that_was_not_asked_for_is_refused() {
    let with = |token_type: &str| {
        let answer = format!(r#"{{"access_token":"T"{token_type}}}"#);
        exchange_answered(json(200, &answer))
            .map(|_| ())
            .map_err(|error| violation(&error).clone())
    };
    for good in ["bearer", "Bearer", "BEARER"] {
        assert_eq!(with(&format!(r#","token_type":"{good}""#)), Ok(()));
    }
    for bad in [
        "",
        r#","token_type":"mac""#,
        r#","token_type":"DPoP""#,
        r#","token_type":null"#,
    ] {
        assert_eq!(with(bad), Err(Violation::TokenType), "{bad}");
    }
}

#[test]
fn html_behind_a_success_is_told_by_its_content_type() {
    let page = json(200, "<html>canary</html>");
    assert!(matches!(
        violation(&exchange_answered(page).unwrap_err()),
        Violation::Json(_)
    ));
    let good = r#"{"access_token":"T","token_type":"bearer"}"#;
    let html = hallpass_grant::Response::new(200)
        .with_header("Content-Type", "text/html; charset=utf-8")
        .with_body(good.as_bytes().to_vec());
    assert_eq!(
        *violation(&exchange_answered(html).unwrap_err()),
        Violation::ContentType
    );
}

#[test]
fn a_gateways_page_is_not_shown_in_any_message() {
    let page = hallpass_grant::Response::new(502)
        .with_header("content-type", "text/html")
        .with_body("<html>canary</html>".to_owned());
    let error = exchange_answered(page).unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(502));
    assert_eq!(error.recovery(), Recovery::Retry { after: None });
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_only_invalid_grant_ends_a_session() {
    let recovery = |status, answer| {
        exchange_answered(json(status, answer))
            .unwrap_err()
            .recovery()
    };
    for status in [429, 500, 502, 503, 504] {
        assert_eq!(recovery(status, ""), Recovery::Retry { after: None });
        assert_eq!(
            recovery(status, r#"{"error":"invalid_grant"}"#),
            Recovery::Retry { after: None }
        );
    }
    let after = json(429, "").with_header("retry-after", "7");
    let after = exchange_answered(after).unwrap_err().recovery();
    assert_eq!(
        after,
        Recovery::Retry {
            after: Some(std::time::Duration::from_secs(7))
        }
    );
    assert_eq!(
        recovery(400, r#"{"error":"invalid_grant"}"#),
        Recovery::Reauthorize
    );
    assert_eq!(
        recovery(401, r#"{"error":"invalid_client"}"#),
        Recovery::Fix
    );
    assert_eq!(recovery(403, ""), Recovery::Fail);
}

#[test]
fn a_code_that_was_not_sent_may_be_sent_and_one_that_may_have_been_is_in_doubt() {
    let mut call = exchange_of(&client());
    let first = sent(call.step(Input::Begin, NOW).unwrap());
    let error = call.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
    assert_eq!(error.recovery(), Recovery::Retry { after: None });
    let second = sent(call.step(Input::Begin, NOW).unwrap());
    assert_eq!(body(&first), body(&second));
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::InDoubt);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    assert!(call.step(Input::Begin, NOW).is_err());
}
