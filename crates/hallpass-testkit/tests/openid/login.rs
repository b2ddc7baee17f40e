//! When a user has to log in, and when not (OpenID Connect Core §3.1.2).

use hallpass_testkit::{Algorithm, AuthorizationServer, Config, Request, Response};

use crate::{common::*, relying_party::*};

/// What a browser with this cookie gets.
fn visit(server: &mut AuthorizationServer, url: &str, cookie: &str, now: u64) -> Response {
    let target = url.strip_prefix("https://auth.example").unwrap();
    server.respond(&Request::get(target).with_header("Cookie", cookie), now)
}

/// The cookie of a browser in which alice has logged in.
fn cookie(server: &mut AuthorizationServer, url: &str) -> String {
    let target = url.strip_prefix("https://auth.example").unwrap();
    let form = [
        ("step", "login"),
        ("username", "alice"),
        ("password", "wonderland"),
    ];
    let response = server.respond(&Request::post_form(target, &form), NOW);
    let cookie = response.header_value("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap().to_owned()
}

fn error(response: &Response) -> Option<String> {
    answer(response.location().unwrap_or_default(), "error")
}

fn is_login_page(response: &Response) -> bool {
    response.status == 200 && response.text().contains("password")
}

#[test]
fn a_login_is_asked_for_again_where_the_client_wants_it() {
    let mut server = provider(Algorithm::Rs256);
    let url = login_url("code", &[]);
    let cookie = cookie(&mut server, &url);
    assert!(!is_login_page(&visit(&mut server, &url, &cookie, NOW + 60)));
    for (name, value, now, wanted) in [
        ("prompt", "login", NOW, true),
        ("prompt", "select_account", NOW, true),
        ("prompt", "consent", NOW, false),
        ("max_age", "10", NOW + 10, false),
        ("max_age", "10", NOW + 11, true),
        ("max_age", "0", NOW + 1, true),
    ] {
        let url = login_url("code", &[(name, value)]);
        let page = visit(&mut server, &url, &cookie, now);
        assert_eq!(is_login_page(&page), wanted, "{name}={value}");
        // Whoever has just logged in is not asked again.
        allow(&mut server, &url);
    }
}

#[test]
fn a_silent_request_needs_a_login_and_a_consent_that_were_there_before() {
    let mut server = provider(Algorithm::Rs256);
    let silent = login_url("code", &[("prompt", "none")]);
    let nobody = visit(&mut server, &silent, "", NOW);
    assert_eq!(error(&nobody).as_deref(), Some("login_required"));
    let cookie = cookie(&mut server, &login_url("code", &[]));
    let unknown = visit(&mut server, &silent, &cookie, NOW);
    assert_eq!(error(&unknown).as_deref(), Some("consent_required"));
    let tokens = logged_in(&mut server, &[]);
    let known = visit(&mut server, &silent, &cookie, NOW);
    assert!(answer(known.location().unwrap(), "code").is_some());
    let old = login_url("code", &[("prompt", "none"), ("max_age", "5")]);
    let old = visit(&mut server, &old, &cookie, NOW + 6);
    assert_eq!(error(&old).as_deref(), Some("login_required"));

    let hint = text(&tokens, "id_token");
    let hinted = login_url("code", &[("prompt", "none"), ("id_token_hint", hint)]);
    let same = visit(&mut server, &hinted, &cookie, NOW);
    assert!(answer(same.location().unwrap(), "code").is_some());
    let hinted = login_url("code", &[("prompt", "none"), ("id_token_hint", "a.b.c")]);
    let other = visit(&mut server, &hinted, &cookie, NOW);
    assert_eq!(error(&other).as_deref(), Some("login_required"));
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let mut server = provider(Algorithm::Rs256);
    for (name, value) in [
        ("max_age", "soon"),
        ("max_age", "-1"),
        ("prompt", "none login"),
        ("prompt", "never"),
        ("claims", "[]"),
    ] {
        let response = visit(&mut server, &login_url("code", &[(name, value)]), "", NOW);
        assert_eq!(
            error(&response).as_deref(),
            Some("invalid_request"),
            "{name}={value}"
        );
    }
}

#[test]
fn a_server_may_be_told_to_allow_everything_at_once() {
    let config = Config::new().client(client()).allow_at_once("bob");
    let mut server = AuthorizationServer::new(config);
    let response = visit(&mut server, &login_url("code", &[]), "", NOW);
    let code = answer(response.location().unwrap(), "code").unwrap();
    let tokens = redeem(&mut server, &code);
    assert_eq!(claims_of(text(&tokens, "id_token"))["sub"], "bob");

    let silent = login_url("code", &[("prompt", "none")]);
    let nobody = visit(&mut server, &silent, "", NOW);
    assert_eq!(error(&nobody).as_deref(), Some("login_required"));
    let cookie = response.header_value("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let known = visit(&mut server, &silent, cookie, NOW);
    assert!(answer(known.location().unwrap(), "code").is_some());
}
