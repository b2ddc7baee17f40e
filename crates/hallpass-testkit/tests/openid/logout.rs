//! How sessions end, and who is told (RP-Initiated, Front-Channel and Back-Channel Logout).

use hallpass_testkit::{
    Algorithm, AuthorizationServer, BackChannelLogout, Config, NamedFault, Request, Response, User,
};
use serde_json::{Value, json};

use crate::{common::*, relying_party::*};

const AFTER: &str = "https://app.example/after";

fn server() -> AuthorizationServer {
    let front = client().front_channel_logout_uri("https://app.example/front");
    let client = front
        .back_channel_logout_uri("https://app.example/back")
        .post_logout_redirect_uri(AFTER);
    AuthorizationServer::new(Config::new().client(client))
}

/// One whose client is told nothing.
fn quiet() -> AuthorizationServer {
    let client = client().post_logout_redirect_uri(AFTER);
    AuthorizationServer::new(Config::new().client(client))
}

fn log_out(server: &mut AuthorizationServer, parameters: &[(&str, &str)]) -> Response {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    server.respond(&Request::get(format!("/oauth/logout?{query}")), NOW)
}

#[test]
fn the_browser_comes_back_with_the_state() {
    for (fault, expected) in [
        (None, format!("{AFTER}?state=abc")),
        (
            Some(NamedFault::LogoutStateAltered),
            format!("{AFTER}?state=abc-altered"),
        ),
        (Some(NamedFault::LogoutStateMissing), AFTER.to_owned()),
    ] {
        let mut server = quiet();
        fault.into_iter().for_each(|fault| server.inject(fault));
        let tokens = logged_in(&mut server, &[]);
        let hint = text(&tokens, "id_token");
        let asked = [
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", AFTER),
            ("state", "abc"),
        ];
        let response = log_out(&mut server, &asked);
        assert_eq!(
            (response.status, response.location()),
            (303, Some(expected.as_str()))
        );
        let token = text(&tokens, "access_token");
        assert!(
            !server.is_valid(token, NOW),
            "the grant ends with the session"
        );
    }
}

#[test]
fn only_a_registered_address_is_gone_to() {
    let mut server = quiet();
    let tokens = logged_in(&mut server, &[]);
    let hint = text(&tokens, "id_token");
    for (asked, status) in [
        (vec![("post_logout_redirect_uri", AFTER)], 400),
        (
            vec![("post_logout_redirect_uri", AFTER), ("client_id", "native")],
            400,
        ),
        (vec![("client_id", "native"), ("id_token_hint", hint)], 400),
        (
            vec![
                ("post_logout_redirect_uri", "https://evil.example"),
                ("id_token_hint", hint),
            ],
            400,
        ),
        (vec![("id_token_hint", "a.b.c")], 400),
        (
            vec![("post_logout_redirect_uri", AFTER), ("client_id", "rp")],
            303,
        ),
        (vec![], 200),
    ] {
        assert_eq!(log_out(&mut server, &asked).status, status, "{asked:?}");
    }
}

#[test]
fn frames_tell_clients_which_session_has_ended() {
    let mut server = server();
    let tokens = logged_in(&mut server, &[]);
    let hint = text(&tokens, "id_token");
    let sid = text(&claims_of(hint), "sid").to_owned();
    let page = log_out(
        &mut server,
        &[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER)],
    );
    let shown =
        format!("src=\"https://app.example/front?iss=https%3A%2F%2Fauth.example&amp;sid={sid}\"");
    assert!(page.text().contains(&shown), "{}", page.text());
    assert!(page.text().contains(&format!("url={AFTER}")));
    let policy = page.header_value("content-security-policy").unwrap();
    assert!(policy.contains("frame-src"), "{policy}");

    for (fault, other) in [
        (NamedFault::FrontChannelIssuer, "other-issuer.example"),
        (NamedFault::FrontChannelSession, "sid=another-session"),
    ] {
        server.inject(fault);
        logged_in(&mut server, &[]);
        let frames = server.log_out_user("alice", NOW);
        assert!(
            frames.iter().any(|frame| frame.contains(other)),
            "{frames:?}"
        );
        server.heal();
    }
}

#[test]
fn a_logout_token_tells_clients_by_the_back_channel() {
    let mut server = server();
    let tokens = logged_in(&mut server, &[]);
    let id_token = claims_of(text(&tokens, "id_token"));
    log_out(&mut server, &[("id_token_hint", text(&tokens, "id_token"))]);
    let sent = server.take_back_channel_logouts();
    let [
        BackChannelLogout {
            uri, logout_token, ..
        },
    ] = sent.as_slice()
    else {
        panic!("one logout in {sent:?}");
    };
    assert_eq!(uri, "https://app.example/back");
    assert_eq!(header(logout_token)["typ"], "logout+jwt");
    let claims = verified(logout_token, &jwks(&mut server)).expect("a signature");
    for same in ["iss", "sub", "aud", "sid"] {
        assert_eq!(claims[same], id_token[same], "{same}");
    }
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    assert_eq!(claims["events"], event);
    assert!(claims["jti"].is_string() && claims["nonce"].is_null());
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(NOW), &json!(NOW + 120))
    );
    assert!(server.take_back_channel_logouts().is_empty());
    assert!(!format!("{sent:?}").contains(logout_token));
}

#[test]
fn every_session_of_a_user_can_be_ended() {
    let mut server = server();
    logged_in(&mut server, &[]);
    logged_in(&mut server, &[]);
    assert_eq!(server.log_out_user(User::bob().name(), NOW), [""; 0]);
    assert_eq!(server.log_out_user("alice", NOW).len(), 2);
    assert_eq!(server.take_back_channel_logouts().len(), 2);
    assert!(server.log_out_user("alice", NOW).is_empty());
}

#[test]
fn a_grant_for_offline_access_outlives_the_session() {
    let client = client().scopes(["openid", "offline_access"]);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let tokens = logged_in(&mut server, &[("scope", "openid offline_access")]);
    server.log_out_user("alice", NOW);
    assert!(server.is_unspent(text(&tokens, "refresh_token"), NOW));
}

#[test]
fn each_fault_makes_a_logout_token_wrong() {
    use NamedFault as N;
    for (fault, name, expected) in [
        (
            N::LogoutTokenIssWrong,
            "iss",
            json!("https://other-issuer.example"),
        ),
        (N::LogoutTokenAudMissing, "aud", Value::Null),
        (N::LogoutTokenIatPast, "iat", json!(NOW - 30 * 86_400)),
        (N::LogoutTokenExpPast, "exp", json!(NOW - 3600)),
        (N::LogoutTokenReplayed, "jti", json!("always-the-same")),
        (N::LogoutTokenNoSubject, "sub", Value::Null),
        (N::LogoutTokenNoSubject, "sid", Value::Null),
        (N::LogoutTokenEventsMissing, "events", Value::Null),
        (N::LogoutTokenEventsEmpty, "events", json!({})),
        (N::LogoutTokenNonce, "nonce", json!("a-nonce")),
    ] {
        let mut server = provider(Algorithm::Rs256);
        server.inject(fault);
        let token = server
            .logout_token("rp", Some("alice"), Some("s"), NOW)
            .unwrap();
        let claims = verified(&token, &jwks(&mut server)).expect("a signature");
        assert_eq!(claims[name], expected, "{}", fault.name());
    }
    let mut server = provider(Algorithm::Rs256);
    server.inject(N::LogoutTokenMissing);
    assert_eq!(server.logout_token("rp", Some("alice"), None, NOW), None);
    assert_eq!(
        server.logout_token("nobody", Some("alice"), None, NOW),
        None
    );
}
