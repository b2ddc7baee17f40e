//! Devices that wait for a user elsewhere (RFC 8628).

mod common;

use std::time::Duration;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, Config, ConsentError, Decision, Endpoint, Request, Response, User,
};
use serde_json::{Value, json};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn begin(server: &mut AuthorizationServer, more: &[(&str, &str)]) -> Value {
    let form = [&[("client_id", "device")], more].concat();
    let request = Request::post_form("/oauth/device_authorization", &form);
    let response = server.respond(&request, NOW);
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.header_value("cache-control"), Some("no-store"));
    json(&response)
}

fn poll(server: &mut AuthorizationServer, device: &Value, now: u64) -> Response {
    let form = [
        ("grant_type", GRANT_TYPE),
        ("client_id", "device"),
        ("device_code", text(device, "device_code")),
    ];
    server.respond(&token_request(&form), now)
}

fn error(server: &mut AuthorizationServer, device: &Value, now: u64) -> String {
    let (status, error) = refusal(&poll(server, device, now));
    assert_eq!(status, 400);
    error
}

fn approve(server: &mut AuthorizationServer, typed: &str) -> Result<(), ConsentError> {
    server.approve_device(typed, &User::alice(), &Decision::Allow, NOW)
}

#[test]
fn a_device_gets_tokens_once_the_user_has_allowed_elsewhere() {
    let mut server = server();
    let device = begin(&mut server, &[("scope", "read")]);
    assert_eq!(error(&mut server, &device, NOW), "authorization_pending");
    approve(&mut server, text(&device, "user_code")).unwrap();
    let tokens = json(&poll(&mut server, &device, NOW + 5));
    assert_eq!(
        (&tokens["scope"], &tokens["token_type"]),
        (&"read".into(), &"Bearer".into())
    );
    assert!(tokens["refresh_token"].is_string());
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(
        (&described["sub"], &described["client_id"]),
        (&"alice".into(), &"device".into())
    );
}

#[test]
fn the_answer_has_what_the_rfc_says() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    let user_code = text(&device, "user_code");
    assert_eq!(
        device["verification_uri"],
        "https://auth.example/oauth/device"
    );
    let complete = format!("https://auth.example/oauth/device?user_code={user_code}");
    assert_eq!(device["verification_uri_complete"], complete);
    assert_eq!(
        (&device["expires_in"], &device["interval"]),
        (&600.into(), &5.into())
    );
    let is_shown_well =
        |half: &str| half.len() == 4 && half.bytes().all(|b| b.is_ascii_uppercase());
    assert!(user_code.split('-').all(is_shown_well), "{user_code}");
    assert_ne!(begin(&mut server, &[])["user_code"], device["user_code"]);
}

#[test]
fn a_code_may_be_typed_in_lower_case_and_a_link_has_it_already() {
    let mut server = server();
    let typed = begin(&mut server, &[]);
    let code = text(&typed, "user_code").to_lowercase().replace('-', " ");
    approve(&mut server, &code).unwrap();
    assert_eq!(poll(&mut server, &typed, NOW).status, 200);
    let linked = begin(&mut server, &[]);
    approve(&mut server, text(&linked, "verification_uri_complete")).unwrap();
    assert_eq!(poll(&mut server, &linked, NOW).status, 200);
    assert!(server.requests_to(Endpoint::DeviceVerification).len() > 4);
}

#[test]
fn a_client_that_polls_too_fast_is_slowed_down_more_each_time() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    for (at, expected) in [
        (0, "authorization_pending"),
        (4, "slow_down"),
        (13, "slow_down"),
        (27, "slow_down"),
        (47, "authorization_pending"),
        (67, "authorization_pending"),
    ] {
        assert_eq!(
            error(&mut server, &device, NOW + at),
            expected,
            "after {at} s"
        );
    }
}

#[test]
fn interval_may_be_another_or_be_left_out() {
    let other = Config::new().device_interval(Some(Duration::from_secs(1)));
    let mut server = AuthorizationServer::new(other);
    let device = begin(&mut server, &[]);
    assert_eq!(device["interval"], 1);
    assert_eq!(error(&mut server, &device, NOW), "authorization_pending");
    assert_eq!(
        error(&mut server, &device, NOW + 1),
        "authorization_pending"
    );

    let mut server = AuthorizationServer::new(Config::new().device_interval(None));
    let device = begin(&mut server, &[]);
    assert_eq!(device.get("interval"), None);
    assert_eq!(error(&mut server, &device, NOW), "authorization_pending");
    assert_eq!(error(&mut server, &device, NOW + 4), "slow_down");
}

#[test]
fn a_device_waits_as_long_as_it_was_told_and_no_longer() {
    let config = Config::new().device_code_lifetime(Duration::from_secs(30));
    let mut server = AuthorizationServer::new(config);
    let device = begin(&mut server, &[]);
    assert_eq!(device["expires_in"], 30);
    assert_eq!(
        error(&mut server, &device, NOW + 29),
        "authorization_pending"
    );
    assert_eq!(error(&mut server, &device, NOW + 30), "expired_token");
    let late = server.approve_device(
        text(&device, "user_code"),
        &User::alice(),
        &Decision::Allow,
        NOW + 30,
    );
    assert!(
        matches!(late, Err(ConsentError::Page { status: 403, .. })),
        "{late:?}"
    );
}

#[test]
fn a_user_may_say_no() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    server
        .approve_device(
            text(&device, "user_code"),
            &User::bob(),
            &Decision::Deny,
            NOW,
        )
        .unwrap();
    assert_eq!(error(&mut server, &device, NOW), "access_denied");
}

#[test]
fn a_device_code_is_good_once_and_its_use_again_takes_the_tokens_back() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    approve(&mut server, text(&device, "user_code")).unwrap();
    let tokens = json(&poll(&mut server, &device, NOW));
    assert_eq!(error(&mut server, &device, NOW + 5), "invalid_grant");
    assert!(!server.is_valid(text(&tokens, "access_token"), NOW));
}

#[test]
fn a_device_code_belongs_to_the_client_it_was_given_to() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    let other = hallpass_testkit::Client::public("other")
        .grant_types([hallpass_testkit::GrantType::DeviceCode]);
    server.configure(|config| config.client(other));
    let form = |client_id, device_code| {
        token_request(&[
            ("grant_type", GRANT_TYPE),
            ("client_id", client_id),
            ("device_code", device_code),
        ])
    };
    let code = text(&device, "device_code");
    for (client, code, expected) in [
        ("other", code, "invalid_grant"),
        ("device", "unknown", "invalid_grant"),
        ("device", "", "invalid_request"),
        ("native", code, "unauthorized_client"),
    ] {
        let response = server.respond(&form(client, code), NOW);
        assert_eq!(
            refusal(&response),
            (400, expected.to_owned()),
            "{client} {code}"
        );
    }
}

#[test]
fn what_a_device_may_not_have_is_refused_when_it_begins() {
    let mut server = AuthorizationServer::new(Config::new().resource("https://api.example/"));
    for (form, expected) in [
        (vec![("client_id", "native")], "unauthorized_client"),
        (vec![("client_id", "nobody")], "invalid_client"),
        (vec![], "invalid_client"),
        (
            vec![("client_id", "device"), ("scope", "read:pets")],
            "invalid_scope",
        ),
        (
            vec![("client_id", "device"), ("resource", "https://b.example")],
            "invalid_target",
        ),
    ] {
        let request = Request::post_form("/oauth/device_authorization", &form);
        assert_eq!(
            refusal(&server.respond(&request, NOW)),
            (400, expected.to_owned())
        );
    }
    let device = begin(&mut server, &[("resource", "https://api.example/")]);
    approve(&mut server, text(&device, "user_code")).unwrap();
    let tokens = json(&poll(&mut server, &device, NOW));
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(described["aud"], "https://api.example/");
}

#[test]
fn a_link_shows_the_code_and_nothing_is_decided_before_it_was_compared() {
    let mut server = server();
    let device = begin(&mut server, &[]);
    let link = text(&device, "verification_uri_complete").replace("https://auth.example", "");
    let page = server.respond(&Request::get(&link), NOW);
    let shown = format!("value=\"{}\"", text(&device, "user_code"));
    assert!(
        page.status == 200 && page.text().contains(&shown),
        "{}",
        page.text()
    );
    let forged = Request::post_form(&link, &[("step", "consent"), ("decision", "allow")]);
    let page = server.respond(&forged, NOW);
    assert!(page.text().contains("Connect a device"), "{}", page.text());
    let compared = Request::post_form(format!("{link}&compared=yes"), &[("step", "consent")]);
    let page = server.respond(&compared, NOW);
    assert!(page.text().contains("Log in"), "{}", page.text());
    assert_eq!(error(&mut server, &device, NOW), "authorization_pending");
}

#[test]
fn a_user_who_types_nonsense_is_told() {
    let mut server = server();
    for typed in ["WRNG-CODE", "\"><script>", ""] {
        let told = approve(&mut server, typed);
        assert!(
            matches!(&told, Err(ConsentError::Page { status: 403, text }) if text.contains("No device")),
            "{told:?}"
        );
    }
    let elsewhere = approve(&mut server, "https://other.example/device");
    assert!(
        matches!(elsewhere, Err(ConsentError::Elsewhere(_))),
        "{elsewhere:?}"
    );
    let device = begin(&mut server, &[]);
    let stranger = User::new("mallory", "x");
    let login = server.approve_device(text(&device, "user_code"), &stranger, &Decision::Allow, NOW);
    assert_eq!(login, Err(ConsentError::Login("mallory".to_owned())));
}

#[test]
fn the_metadata_name_the_endpoint_and_the_grant() {
    let mut server = server();
    let request = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server.respond(&request, NOW));
    assert_eq!(
        metadata["device_authorization_endpoint"],
        "https://auth.example/oauth/device_authorization"
    );
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!(GRANT_TYPE)), "{grants:?}");
}

#[cfg(feature = "listener")]
#[test]
fn a_device_is_approved_over_a_socket_too() {
    let server = hallpass_testkit::TestServer::start(Config::new());
    let form = [("client_id", "device")];
    let request = Request::post_form("/oauth/device_authorization", &form);
    let now = server.now();
    let device = json(&server.with(|server| server.respond(&request, now)));
    let uri = text(&device, "verification_uri_complete");
    assert!(uri.starts_with(server.base_url()), "{uri}");
    server
        .approve_device(uri, &User::alice(), &Decision::Allow)
        .unwrap();
    let response = server.with(|server| poll(server, &device, now));
    assert_eq!(response.status, 200, "{}", response.text());
}
