//! Refresh tokens (RFC 6749 §6, RFC 9700 §4.14.2), the other grants, revocation.

mod common;

use std::time::Duration;

use common::*;
use hallpass_testkit::{AuthorizationServer, Config, Endpoint, Request, Rotation};

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn a_refresh_token_is_replaced() {
    let mut server = server();
    let first = tokens(&mut server);
    let second = json(&refresh(&mut server, text(&first, "refresh_token"), NOW));
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], "read write");
    assert_eq!(
        refresh(&mut server, text(&second, "refresh_token"), NOW).status,
        200
    );
    assert_eq!(server.reuses(), 0);
}

#[test]
fn a_spent_refresh_token_takes_its_family_with_it() {
    let mut server = server();
    let first = tokens(&mut server);
    let second = json(&refresh(&mut server, text(&first, "refresh_token"), NOW));
    let bystander = tokens(&mut server);
    assert_eq!(
        refusal(&refresh(&mut server, text(&first, "refresh_token"), NOW)),
        invalid_grant()
    );
    assert_eq!(server.reuses(), 1);
    assert_eq!(
        refusal(&refresh(&mut server, text(&second, "refresh_token"), NOW)),
        invalid_grant()
    );
    assert!(!server.is_valid(text(&second, "access_token"), NOW));
    assert!(server.is_valid(text(&bystander, "access_token"), NOW));
}

#[test]
fn a_milder_server_only_refuses_the_spent_one() {
    let mut server = AuthorizationServer::new(Config::new().rotation(Rotation::RefuseReuse));
    let first = tokens(&mut server);
    let second = json(&refresh(&mut server, text(&first, "refresh_token"), NOW));
    assert_eq!(
        refusal(&refresh(&mut server, text(&first, "refresh_token"), NOW)),
        invalid_grant()
    );
    assert_eq!(
        refresh(&mut server, text(&second, "refresh_token"), NOW).status,
        200
    );
}

#[test]
fn a_server_with_a_grace_period_answers_again_and_later_revokes() {
    let grace = Rotation::Grace(Duration::from_secs(10));
    let mut server = AuthorizationServer::new(Config::new().rotation(grace));
    let first = tokens(&mut server);
    let first = text(&first, "refresh_token");
    let second = json(&refresh(&mut server, first, NOW));
    // The answer was lost, so it asks again; that makes the grace no longer.
    let again = json(&refresh(&mut server, first, NOW + 9));
    assert_ne!(second["refresh_token"], again["refresh_token"]);
    assert!(server.is_unspent(text(&second, "refresh_token"), NOW + 9));
    assert_eq!(server.rotations(text(&again, "refresh_token")), Some(1));
    assert_eq!((server.refreshes(), server.reuses()), (2, 0));
    let late = refresh(&mut server, first, NOW + 10);
    assert_eq!(refusal(&late), invalid_grant());
    assert!(!server.is_unspent(text(&again, "refresh_token"), NOW + 10));
    assert_eq!((server.reuses(), server.revoked_families()), (1, 1));
}

#[test]
fn what_became_of_a_refresh_token_is_told() {
    let mut server = server();
    let first = tokens(&mut server);
    let first = text(&first, "refresh_token");
    assert_eq!(server.rotations(first), Some(0));
    assert!(server.is_unspent(first, NOW));
    let second = json(&refresh(&mut server, first, NOW));
    let second = text(&second, "refresh_token");
    assert_eq!(server.rotations(second), Some(1));
    assert!(!server.is_unspent(first, NOW) && server.is_unspent(second, NOW));
    assert_eq!((server.refreshes(), server.revoked_families()), (1, 0));
    // A family is revoked once, however often.
    refresh(&mut server, first, NOW);
    refresh(&mut server, first, NOW);
    assert!(!server.is_unspent(second, NOW));
    assert_eq!((server.reuses(), server.revoked_families()), (2, 1));
    assert_eq!(server.rotations("unknown"), None);
    assert_eq!(server.count_of(Endpoint::Token), 4);
    server.clear_journal();
    assert_eq!(server.count_of(Endpoint::Token), 4);
}

#[test]
fn a_server_without_rotation_gives_no_new_one() {
    let mut server = AuthorizationServer::new(Config::new().rotation(Rotation::Never));
    let first = tokens(&mut server);
    for _ in 0..2 {
        let answer = json(&refresh(&mut server, text(&first, "refresh_token"), NOW));
        assert_eq!(answer.get("refresh_token"), None);
    }
}

#[test]
fn a_refresh_may_ask_for_less_and_never_for_more() {
    let mut server = server();
    let first = tokens(&mut server);
    let form = |scope| {
        let token = text(&first, "refresh_token");
        token_request(&[
            ("grant_type", "refresh_token"),
            ("client_id", "native"),
            ("refresh_token", token),
            ("scope", scope),
        ])
    };
    let more = server.respond(&form("read file_requests.read"), NOW);
    assert_eq!(refusal(&more), (400, "invalid_scope".to_owned()));
    let less = json(&server.respond(&form("read"), NOW));
    assert_eq!(less["scope"], "read");
    // What was granted stays (RFC 6749 §6): the next may ask for all of it again.
    let again = json(&refresh(&mut server, text(&less, "refresh_token"), NOW));
    assert_eq!(again["scope"], "read write");
}

#[test]
fn tokens_expire_at_the_end_of_their_lifetime_and_not_before() {
    let config = Config::new()
        .access_token_lifetime(Duration::from_secs(5))
        .refresh_token_lifetime(Duration::from_secs(50));
    let mut server = AuthorizationServer::new(config);
    let tokens = tokens(&mut server);
    assert_eq!(tokens["expires_in"], 5);
    assert_eq!(
        resource(
            &mut server,
            "/resource",
            text(&tokens, "access_token"),
            NOW + 4
        )
        .status,
        200
    );
    assert_eq!(
        resource(
            &mut server,
            "/resource",
            text(&tokens, "access_token"),
            NOW + 5
        )
        .status,
        401
    );
    assert_eq!(
        refusal(&refresh(
            &mut server,
            text(&tokens, "refresh_token"),
            NOW + 50
        )),
        invalid_grant()
    );
    assert_eq!(
        refresh(&mut server, text(&tokens, "refresh_token"), NOW + 49).status,
        200
    );
}

#[test]
fn a_refresh_token_of_another_client_is_refused_and_stays_good() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "terminal"),
        ("refresh_token", token),
    ];
    assert_eq!(
        refusal(&server.respond(&token_request(&form), NOW)),
        invalid_grant()
    );
    assert_eq!(refresh(&mut server, token, NOW).status, 200);
}

#[test]
fn a_user_can_withdraw_everything() {
    let mut server = server();
    let tokens = tokens(&mut server);
    server.revoke_everything();
    assert_eq!(
        resource(&mut server, "/resource", text(&tokens, "access_token"), NOW).status,
        401
    );
    assert_eq!(
        refusal(&refresh(&mut server, text(&tokens, "refresh_token"), NOW)),
        invalid_grant()
    );
}

#[test]
fn a_refresh_token_given_back_ends_its_grant_and_an_access_token_only_itself() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let give_back = |token| {
        Request::post_form(
            "/oauth/revoke",
            &[("client_id", "native"), ("token", token)],
        )
    };
    let (access, refresh_token) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );

    let by_another = Request::post_form(
        "/oauth/revoke",
        &[("client_id", "terminal"), ("token", refresh_token)],
    );
    assert_eq!(server.respond(&by_another, NOW).status, 200);
    assert!(server.is_valid(access, NOW));

    assert_eq!(server.respond(&give_back(access), NOW).status, 200);
    assert!(!server.is_valid(access, NOW));
    let next = json(&refresh(&mut server, refresh_token, NOW));

    assert_eq!(
        server
            .respond(&give_back(text(&next, "refresh_token")), NOW)
            .status,
        200
    );
    assert!(!server.is_valid(text(&next, "access_token"), NOW));
    assert_eq!(server.respond(&give_back("unknown"), NOW).status, 200);
}

#[test]
fn a_service_gets_a_token_for_itself_and_no_refresh_token() {
    let mut server = server();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "service"),
        ("client_secret", "service-secret"),
        ("scope", "read"),
    ];
    let tokens = json(&server.respond(&token_request(&form), NOW));
    assert_eq!(tokens["scope"], "read");
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(
        json(&resource(
            &mut server,
            "/resource",
            text(&tokens, "access_token"),
            NOW
        ))["sub"],
        "service"
    );
}

#[test]
fn a_password_is_exchanged_for_tokens() {
    let mut server = server();
    let form = |password| {
        token_request(&[
            ("grant_type", "password"),
            ("client_id", "terminal"),
            ("username", "bob"),
            ("password", password),
        ])
    };
    let tokens = json(&server.respond(&form("builder"), NOW));
    assert_eq!(
        json(&resource(
            &mut server,
            "/resource",
            text(&tokens, "access_token"),
            NOW
        ))["sub"],
        "bob"
    );
    assert!(tokens.get("refresh_token").is_some());
    assert_eq!(
        refusal(&server.respond(&form("wrong"), NOW)),
        invalid_grant()
    );
}
