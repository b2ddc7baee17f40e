//! UserInfo (OpenID Connect Core §5.3).

use hallpass_testkit::{Algorithm, AuthorizationServer, Config, Request};
use serde_json::{Value, json};

use crate::{common::*, relying_party::*};

#[test]
fn the_scopes_say_what_is_told() {
    let mut server = provider(Algorithm::Rs256);
    let mut told = |scope: &str| {
        let tokens = logged_in(&mut server, &[("scope", scope)]);
        let response = user_info(&mut server, text(&tokens, "access_token"));
        assert_eq!(
            response.header_value("content-type"),
            Some("application/json")
        );
        json(&response)
    };
    assert_eq!(told("openid"), json!({ "sub": "alice" }));
    let email = told("openid email");
    let expected = json!({ "sub": "alice", "email": "alice@example.com", "email_verified": true });
    assert_eq!(email, expected);
    let all = told("openid profile email address phone");
    assert_eq!(all["name"], "Alice Liddell");
    assert_eq!(all["address"]["country"], "UK");
    assert_eq!(all["updated_at"], 1_600_000_000);
}

#[test]
fn single_claims_can_be_asked_for() {
    let mut server = provider(Algorithm::Rs256);
    let asked = json!({ "userinfo": { "name": { "essential": true }, "name#de": null } });
    let tokens = logged_in(&mut server, &[("claims", &asked.to_string())]);
    let told = json(&user_info(&mut server, text(&tokens, "access_token")));
    let expected =
        json!({ "sub": "alice", "name": "Alice Liddell", "name#de": "Alice im Wunderland" });
    assert_eq!(told, expected);
}

#[test]
fn the_token_comes_in_the_header_or_in_the_body() {
    let mut server = provider(Algorithm::Rs256);
    let tokens = logged_in(&mut server, &[]);
    let token = text(&tokens, "access_token");
    let posted = Request::post_form("/oauth/userinfo", &[("access_token", token)]);
    assert_eq!(json(&server.respond(&posted, NOW))["sub"], "alice");
    let posted = Request::post_form("/oauth/userinfo", &[]);
    let posted = posted.with_header("Authorization", format!("Bearer {token}"));
    assert_eq!(json(&server.respond(&posted, NOW))["sub"], "alice");
}

#[test]
fn only_a_good_token_with_the_scope_openid_is_taken() {
    let mut server = provider(Algorithm::Rs256);
    let plain = tokens(&mut server);
    let refused = user_info(&mut server, text(&plain, "access_token"));
    assert_eq!(refused.status, 403);
    assert_eq!(user_info(&mut server, "no-such-token").status, 401);
    assert_eq!(
        server.respond(&Request::get("/oauth/userinfo"), NOW).status,
        401
    );
    let in_url = Request::get("/oauth/userinfo?access_token=x");
    assert_eq!(server.respond(&in_url, NOW).status, 400);
}

#[test]
fn a_client_may_have_it_signed() {
    let client = client().user_info_algorithm(Algorithm::Es256);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let tokens = logged_in(&mut server, &[("scope", "openid email")]);
    let response = user_info(&mut server, text(&tokens, "access_token"));
    assert_eq!(
        response.header_value("content-type"),
        Some("application/jwt")
    );
    let claims = verified(&response.text(), &jwks(&mut server)).expect("a signature");
    let expected: Value = json!({
        "iss": "https://auth.example",
        "aud": "rp",
        "sub": "alice",
        "email": "alice@example.com",
        "email_verified": true,
    });
    assert_eq!(claims, expected);
}
