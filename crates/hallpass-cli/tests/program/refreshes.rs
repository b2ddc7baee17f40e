//! Tokens that are got anew: by one of all who ask, and never lost.

use std::time::Duration;

use hallpass_testkit::{Endpoint, Fault, NamedFault};

use crate::support::{Begun, Home, until};

#[test]
fn a_token_at_hand_is_printed_without_asking_anybody() {
    let home = Home::new();
    home.log_in(&[]);
    home.server.with(|server| server.clear_journal());
    assert_eq!(home.token(), home.token());
    assert!(home.server.requests().is_empty());
}

#[test]
fn many_shells_at_once_after_the_end_of_a_token_cause_one_refresh() {
    let home = Home::new();
    home.log_in(&[]);
    let before = home.token();
    home.expire("default");
    let begun: Vec<Begun> = (0..8).map(|_| home.begin(&["token"])).collect();
    let tokens: Vec<String> = begun
        .into_iter()
        .map(|begun| {
            let ran = begun.end();
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
            ran.stdout
        })
        .collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_ne!(tokens[0].trim_end(), before);
    assert_eq!(
        home.server
            .with(|server| (server.refreshes(), server.reuses())),
        (1, 0)
    );
}

#[test]
fn a_refresh_can_be_had_before_its_time() {
    let home = Home::new();
    home.log_in(&[]);
    let before = home.token();
    let ran = home.run(&["refresh"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_ne!(home.token(), before);
}

#[test]
fn ctrl_c_loses_no_refresh_that_was_sent() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let home = Home::new();
        home.log_in(&[]);
        let before = home.token();
        home.expire("default");
        home.server.inject(
            Fault::Drip {
                every: Duration::from_millis(3),
            }
            .at(Endpoint::Token),
        );
        let mut begun = home.begin(&["token"]);
        until("the refresh is sent", || {
            home.server.with(|server| server.refreshes()) == 1
        });
        begun.signal(signal);
        begun.says("saved first");
        let ran = begun.end();
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
        home.server.heal();
        let after = home.token();
        assert_ne!(after, before);
        assert_eq!(
            home.server
                .with(|server| (server.refreshes(), server.reuses())),
            (1, 0)
        );
    }
}

#[test]
fn an_outage_is_no_end_of_the_session() {
    let home = Home::new();
    home.log_in(&[]);
    home.expire("default");
    home.server.inject(NamedFault::BadGateway);
    let ran = home.run(&["token"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (6, ""), "{ran:?}");
    assert_eq!(
        home.run(&["token"]).code,
        6,
        "and the server is left alone for a moment"
    );
    home.server.heal();
    until("the server is asked again", || {
        home.run(&["token"]).code == 0
    });
}

#[test]
fn a_session_that_the_server_ended_is_told_with_what_to_do() {
    let home = Home::new();
    home.log_in(&[]);
    home.expire("default");
    home.server.with(|server| server.revoke_everything());
    for _ in 0..2 {
        let ran = home.run(&["token"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran:?}");
        assert!(ran.stderr.contains("hallpass login"), "{ran:?}");
    }
    let status = home.run(&["status", "--json"]);
    assert_eq!((status.code, &status.json()["state"]), (4, &"ended".into()));
    assert_eq!(home.log_in(&[]).code, 0);
    assert_eq!(home.run(&["status"]).code, 0);
}

#[test]
fn a_killed_login_leaves_what_was_there_before() {
    let home = Home::new();
    home.log_in(&[]);
    let before = home.token();
    let mut login = home.begin(&["login", "--no-browser"]);
    login.address();
    login.signal("KILL");
    assert_eq!(login.end().code, -1);
    assert_eq!(home.token(), before);
}

#[test]
fn tokens_that_are_bound_to_a_key_are_refreshed_with_it() {
    let home = Home::with(hallpass_testkit::Config::new().dpop_nonces(true));
    let ran = home.log_in(&["--dpop"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let json = home.run(&["token", "--json"]).json();
    assert_eq!(json["token_type"], "DPoP");
    home.expire("default");
    assert_ne!(home.token(), json["access_token"].as_str().unwrap());
}
