//! Whatever a server or a browser sends: an error or an exact reading, in bounded time, and no panic.

mod common;

use hallpass_grant::{
    AuthorizationRequest, Callback, Client, Conversation, DeviceAuthorization, Endpoint, Error,
    ErrorKind, Input, Issuer, PushedRequest, Response, ServerMetadata, Violation,
};
use proptest::prelude::*;

use common::*;

#[test]
fn json_ten_thousand_levels_deep_is_refused() {
    let deep = format!(
        r#"{{"access_token":"T","token_type":"bearer","x":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert!(matches!(
        violation(&exchange_answered(json(200, &deep)).unwrap_err()),
        Violation::Json(_)
    ));
    let deep = format!(
        r#"{{"error":"invalid_grant","x":{}{}}}"#,
        "{\"a\":".repeat(10_000),
        "0".to_owned() + &"}".repeat(10_000)
    );
    let error = exchange_answered(json(400, &deep)).unwrap_err();
    assert_eq!(error.refused().unwrap().code(), None);
}

#[test]
fn json_with_a_member_twice_is_refused() {
    for answer in [
        r#"{"access_token":"T","token_type":"bearer","access_token":"U"}"#,
        r#"{"access_token":"T","token_type":"bearer","\u0061ccess_token":"U"}"#,
        r#"{"access_token":"T","token_type":"bearer","x":{"a":1,"a":2}}"#,
    ] {
        assert!(matches!(
            violation(&exchange_answered(json(200, answer)).unwrap_err()),
            Violation::Json(_)
        ));
    }
}

#[test]
fn json_of_more_than_a_mebibyte_is_refused() {
    let long = format!(
        r#"{{"access_token":"{}","token_type":"bearer"}}"#,
        "x".repeat(1 << 20)
    );
    assert!(matches!(
        violation(&exchange_answered(json(200, &long)).unwrap_err()),
        Violation::Json(_)
    ));
}

#[test]
fn a_scope_of_a_mebibyte_with_a_hundred_thousand_duplicates_is_two_scopes() {
    let scope = format!("{} {}", "a ".repeat(100_000), "read ".repeat(100_000));
    let answer = format!(r#"{{"access_token":"T","token_type":"bearer","scope":"{scope}"}}"#);
    let set = exchange_answered(json(200, &answer)).unwrap();
    assert_eq!(set.scopes, scopes("a read"));
}

fn device_answered(response: Response) -> Result<DeviceAuthorization, Error> {
    let at = endpoint("https://as.example/device");
    let client = client_of(server().with_device_authorization_endpoint(at));
    let mut call = client.device(&scopes("read"), &mut draws(SEED)).unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    call.step(Input::Response(response), NOW).map(done)
}

fn push_answered(response: Response) -> Result<PushedRequest, Error> {
    let at = endpoint("https://as.example/par");
    let client = client_of(server().with_pushed_authorization_request_endpoint(at));
    let grant = client.code().unwrap();
    let request = AuthorizationRequest::new();
    let mut call = grant.push(request, &mut draws(SEED), NOW).unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    call.step(Input::Response(response), NOW).map(done)
}

/// What is read by a device, or after a push: mostly of the right kind.
fn any_other_answer() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>()
            .prop_filter("JSON has no infinity", |n| n.is_finite())
            .prop_map(|n| n.to_string()),
    ];
    let quoted = |text: String| serde_json::to_string(&text).unwrap();
    let page = prop_oneof![
        4 => "https://[a-z]{1,9}/[a-z0-9?=/]{0,5}",
        1 => "https://[!-~]{0,9}",
        1 => "[a-z]{1,9}:.*",
    ];
    let page = page.prop_map(quoted);
    let code = prop_oneof![4 => "[A-Z]{4}-[A-Z]{4}", 1 => ".*"].prop_map(quoted);
    let other = prop_oneof![Just("null"), Just("{}"), Just("true"), Just("\"\"")];
    let other = other.prop_map(str::to_owned).boxed();
    let mostly = |kind: BoxedStrategy<String>| prop_oneof![9 => kind, 1 => other.clone()];
    let (number, page, code) = (
        mostly(number.boxed()),
        mostly(page.boxed()),
        mostly(code.boxed()),
    );
    let (pages, codes) = ((page.clone(), page), (code.clone(), code.clone(), code));
    (codes, pages, number.clone(), number).prop_map(|(codes, pages, end, interval)| {
        format!(
            r#"{{"device_code":{},"user_code":{},"request_uri":{},"verification_uri":{},
                "verification_uri_complete":{},"expires_in":{end},"interval":{interval}}}"#,
            codes.0, codes.1, codes.2, pages.0, pages.1
        )
    })
}

/// JSON of every shape, with the names a token endpoint uses.
fn any_answer() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("access_token"),
        Just("token_type"),
        Just("expires_in"),
        Just("refresh_token"),
        Just("scope"),
        Just("id_token"),
        Just("error"),
        Just("error_description"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>()
            .prop_filter("JSON has no infinity", |n| n.is_finite())
            .prop_map(|n| n.to_string()),
        ".*".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#""bearer""#.to_owned()),
        Just(r#""T""#.to_owned()),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(",")))
    });
    prop::collection::vec((name, value), 0..8).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn no_answer_makes_a_token_endpoints_reader_panic(status in 100_u16..600, answer in any_answer()) {
        match exchange_answered(json(status, &answer)) {
            Ok(set) => prop_assert!((200..300).contains(&status) && !set.access_token.expose_secret().is_empty()),
            Err(error) => prop_assert!(!matches!(error.kind(), ErrorKind::Misuse(_) | ErrorKind::InDoubt)),
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(status in 100_u16..600, answer in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = exchange_answered(Response::new(status).with_body(answer.clone()));
        let issuer = Issuer::new(ISSUER).unwrap();
        let _ = ServerMetadata::read(&answer, &issuer);
        prop_assert!(device_answered(Response::new(status).with_body(answer.clone())).is_err());
        prop_assert!(push_answered(Response::new(status).with_body(answer)).is_err());
    }

    #[test]
    fn a_device_shows_only_what_can_be_typed_and_opened(status in prop_oneof![Just(200_u16), 200_u16..500], answer in any_other_answer()) {
        match device_answered(json(status, &answer)) {
            Ok(device) => {
                prop_assert!((1..=64).contains(&device.user_code.chars().count()));
                prop_assert!(!device.user_code.chars().any(char::is_control));
                prop_assert!(device.verification_uri.as_str().starts_with("https://"));
                prop_assert!(device.interval().as_secs() >= 1 && device.expires_at >= NOW);
            }
            Err(error) => prop_assert!(!matches!(error.kind(), ErrorKind::Misuse(_) | ErrorKind::InDoubt)),
        }
    }

    #[test]
    fn a_pushed_request_sends_nobody_elsewhere(status in prop_oneof![Just(201_u16), 200_u16..500], answer in any_other_answer()) {
        match push_answered(json(status, &answer)).and_then(|request| request.begin(NOW)) {
            Ok((url, _)) => {
                prop_assert!(url.as_str().starts_with("https://as.example/oauth/authorize?client_id=cid&request_uri="));
                prop_assert!(url.as_str().is_ascii());
                prop_assert_eq!(query_of(&url).len(), 2);
            }
            Err(error) => prop_assert!(!matches!(error.kind(), ErrorKind::Misuse(_) | ErrorKind::InDoubt)),
        }
    }

    #[test]
    fn no_callback_makes_its_reader_panic(text in ".*", form in ".*") {
        for callback in [Callback::from_url(&text), Callback::from_form(&text, &form)] {
            let (_, code) = begin_code(&client());
            let (_, token) = begin_token(&client());
            prop_assert!(!code.expects(&callback) && !token.expects(&callback));
            prop_assert!(code.receive(&callback, NOW).is_err());
            prop_assert!(token.receive(&callback, NOW).is_err());
        }
    }

    #[test]
    fn no_callback_with_the_right_state_makes_its_reader_panic(rest in "[&=%+#?a-z0-9é]{0,60}") {
        let _ = receive_code(&client(), &format!("&{rest}"));
        let _ = receive_token(&client(), &format!("&{rest}"));
    }

    #[test]
    fn no_address_makes_an_endpoint_panic(text in ".*") {
        let _ = Endpoint::new(&text);
        let _ = Endpoint::new(format!("https://{text}"));
    }

    #[test]
    fn what_the_url_says_is_what_was_asked_for(id in ".+", redirect in "https://app[!-~é]{0,30}", name in "x.*", value in ".*") {
        let client = Client::new(server(), &id).unwrap().with_redirect_uri(&redirect).unwrap();
        let request = AuthorizationRequest::new().parameter(&name, &value).unwrap();
        let (url, _) = client.code().unwrap().begin(request, &mut draws(SEED), NOW).unwrap();
        prop_assert!(url.as_str().is_ascii());
        let query = query_of(&url);
        prop_assert_eq!(&query["client_id"], &id);
        prop_assert_eq!(&query["redirect_uri"], &redirect);
        prop_assert_eq!(&query[&name], &value);
    }
}
