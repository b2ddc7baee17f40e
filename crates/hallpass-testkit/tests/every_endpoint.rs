//! What is the same wherever a request goes.

mod common;

use common::*;
use hallpass_testkit::{Decision, Request, User};
use serde_json::json;

const POSTED: [&str; 6] = [
    "/oauth/token",
    "/oauth/par",
    "/oauth/device_authorization",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/register",
];

#[test]
fn what_a_debug_shows_has_no_secret_of_any_endpoint() {
    let mut server = server();
    let mut secrets = vec!["wonderland".to_owned(), "service-secret".to_owned()];
    let keep = |answer: &serde_json::Value, names: &[&str], secrets: &mut Vec<String>| {
        secrets.extend(names.iter().map(|name| text(answer, name).to_owned()));
    };

    let form = [("client_id", "device")];
    let request = Request::post_form("/oauth/device_authorization", &form);
    let device = json(&server.respond(&request, NOW));
    keep(&device, &["device_code", "user_code"], &mut secrets);
    let complete = text(&device, "verification_uri_complete");
    server
        .approve_device(complete, &User::alice(), &Decision::Allow, NOW)
        .unwrap();

    let pushed = parameters(&code_url(&[]), '?');
    let pushed: Vec<_> = pushed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let pushed = json(&server.respond(&Request::post_form("/oauth/par", &pushed), NOW));
    keep(&pushed, &["request_uri"], &mut secrets);

    let mut request = Request::post_form("/oauth/register", &[]);
    request.headers[0].1 = "application/json".to_owned();
    request.body = json!({ "redirect_uris": [CALLBACK] })
        .to_string()
        .into_bytes();
    let client = json(&server.respond(&request, NOW));
    keep(
        &client,
        &["client_secret", "registration_access_token"],
        &mut secrets,
    );

    let assertion = sign(&claims("CANARY", json!({ "sub": "alice" })));
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", &assertion),
    ];
    let granted = json(&server.respond(&token_request(&form), NOW));
    keep(&granted, &["access_token"], &mut secrets);
    secrets.extend([assertion.clone(), "CANARY".to_owned()]);
    let exchanged = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token", text(&granted, "access_token")),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:jwt",
        ),
    ];
    let exchanged = json(&server.respond(&by_service("/oauth/token", &exchanged), NOW));
    keep(&exchanged, &["access_token"], &mut secrets);
    introspect(&mut server, text(&granted, "access_token"), NOW);

    let native = [("client_id", "openid-native"), ("scope", "openid")];
    let code = in_query(&allow(&mut server, &code_url(&native)), "code").unwrap();
    let tokens = json(&server.respond(&exchange_request(&code, &native[..1]), NOW));
    keep(&tokens, &["access_token", "id_token"], &mut secrets);
    let hint = [("id_token_hint", text(&tokens, "id_token"))];
    server.respond(&Request::post_form("/oauth/logout", &hint), NOW);
    secrets.extend(server.logout_token("openid", Some("alice"), None, NOW));
    server.host_request_object("https://app.example/", "CANARY");
    let token = ("access_token", text(&tokens, "access_token"));
    server.respond(&Request::post_form("/oauth/userinfo", &[token]), NOW);

    let shown = format!("{server:?}");
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert!(!shown.contains(&encoded), "{encoded}");
    }
    assert!(shown.contains("device"), "{shown}");
}

#[test]
fn nonsense_is_refused_wherever_it_is_sent() {
    let mut server = server();
    let bodies: [&[u8]; 8] = [
        b"",
        b"\xff\xfe",
        b"%",
        b"a=1&a=2",
        b"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=..",
        b"client_assertion=a.b.c&client_assertion_type=x&token=%00",
        b"{\"redirect_uris\":{}}",
        b"[[[[[[",
    ];
    for path in POSTED {
        for body in bodies {
            for media_type in ["application/x-www-form-urlencoded", "application/json", "x"] {
                let mut request = Request::post_form(path, &[]);
                request.headers[0].1 = media_type.to_owned();
                request.body = body.to_vec();
                let response = server.respond(&request, NOW);
                let shown = String::from_utf8_lossy(body);
                assert_eq!(response.status, 400, "{path} {media_type} {shown}");
                assert!(json(&response)["error"].is_string(), "{path} {shown}");
                assert_eq!(response.header_value("cache-control"), Some("no-store"));
            }
        }
        assert_eq!(
            server.respond(&Request::get(path), NOW).status,
            405,
            "{path}"
        );
    }
    for body in bodies {
        let mut request = Request::post_form("/oauth/device?user_code=%zz", &[]);
        request.body = body.to_vec();
        assert_eq!(server.respond(&request, NOW).status, 400);
        request.target = "/oauth/device?compared=yes".to_owned();
        assert!(server.respond(&request, NOW).status >= 400);
        request.target = "/oauth/userinfo?a=%zz".to_owned();
        assert_eq!(server.respond(&request, NOW).status, 401);
        request.target = "/oauth/claims".to_owned();
        assert_eq!(server.respond(&request, NOW).status, 401);
        request.target = "/oauth/logout?id_token_hint=%zz".to_owned();
        assert!([200, 400].contains(&server.respond(&request, NOW).status));
    }
}

#[test]
fn every_endpoint_is_under_oauth2_too_and_in_the_metadata() {
    let mut server = server();
    let request = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server.respond(&request, NOW));
    let named: Vec<&str> = metadata
        .as_object()
        .unwrap()
        .values()
        .filter_map(|value| value.as_str()?.strip_prefix("https://auth.example"))
        .collect();
    for path in POSTED {
        assert!(named.contains(&path), "{path} in {named:?}");
        let other = path.replace("/oauth/", "/oauth2/");
        assert_eq!(server.respond(&Request::get(other), NOW).status, 405);
    }
    let other = server.respond(&Request::get("/oauth2/register/nobody"), NOW);
    assert_eq!(other.status, 401);
}
