//! Session management: what the frame of a client can learn (OpenID Connect Session Management).

use hallpass_testkit::{Algorithm, Config, Request};

use crate::{common::*, relying_party::*};

#[test]
fn the_session_state_is_a_hash_that_the_frame_can_make_too() {
    let config = Config::new().client(client()).allow_at_once("alice");
    let mut server = hallpass_testkit::AuthorizationServer::new(config);
    let url = login_url("code", &[]);
    let target = url.strip_prefix("https://auth.example").unwrap();
    let response = server.respond(&Request::get(target), NOW);
    let cookies = response
        .headers
        .iter()
        .filter(|(name, _)| name == "Set-Cookie");
    let cookie = cookies
        .filter_map(|(_, cookie)| cookie.strip_prefix("testkit_browser_state="))
        .next()
        .expect("a cookie for the frame");
    assert!(!cookie.contains("HttpOnly"));
    let browser_state = cookie.split(';').next().unwrap();
    let state = answer(response.location().unwrap(), "session_state").unwrap();
    let (hash, salt) = state.split_once('.').unwrap();
    let made = format!("rp https://app.example {browser_state} {salt}");
    let made = ring::digest::digest(&ring::digest::SHA256, made.as_bytes());
    let made: String = made
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hash, made);
}

#[test]
fn only_whoever_asks_for_openid_gets_one() {
    let location = allow(&mut server(), &code_url(&[]));
    assert_eq!(answer(&location, "session_state"), None);
}

#[test]
fn anybody_may_frame_the_page_and_nothing_else_runs_in_it() {
    let mut server = provider(Algorithm::Rs256);
    let page = server.respond(&Request::get("/oauth/check_session"), NOW);
    let policy = page.header_value("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("frame-ancestors"));
    assert_eq!(page.header_value("x-frame-options"), None);
    assert!(page.text().contains("testkit_browser_state"));
}
