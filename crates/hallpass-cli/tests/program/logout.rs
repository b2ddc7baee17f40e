//! Ending a session, here and at the server.

use hallpass_testkit::{Endpoint, Fault};

use crate::support::Home;

fn refresh_token(home: &Home) -> String {
    let entry = home.stored("default").unwrap();
    let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
    let record: serde_json::Value = serde_json::from_str(text.split_once('\n').unwrap().1).unwrap();
    record["tokens"]["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_server_takes_the_tokens_back_and_nothing_is_kept() {
    let home = Home::new();
    home.log_in(&[]);
    let refresh = refresh_token(&home);
    let ran = home.run(&["logout", "--json"]);
    assert_eq!(
        (ran.code, &ran.json()["revoked"]),
        (0, &true.into()),
        "{ran:?}"
    );
    assert!(
        !home
            .server
            .with(|server| server.is_unspent(&refresh, home.server.now()))
    );
    assert!(home.stored("default").is_none());
    let again = home.run(&["logout"]);
    assert_eq!(again.code, 3, "{again:?}");
}

#[test]
fn a_token_without_a_refresh_token_is_taken_back_too() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let token = home.token();
    let ran = home.run(&["logout", "--json"]);
    assert_eq!(
        (ran.code, &ran.json()["revoked"]),
        (0, &true.into()),
        "{ran:?}"
    );
    assert!(
        !home
            .server
            .with(|server| server.is_valid(&token, home.server.now()))
    );
}

#[test]
fn a_server_that_cannot_be_told_is_no_reason_to_stay() {
    let home = Home::new();
    home.log_in(&[]);
    home.server
        .inject(Fault::CloseBeforeAnswer.at(Endpoint::Revocation));
    let ran = home.run(&["logout"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("stay good"), "{ran:?}");
    assert_eq!(home.run(&["token"]).code, 3);
}

#[test]
fn a_secret_that_is_gone_is_no_reason_to_stay() {
    let home = Home::new();
    home.log_in_itself(&[]);
    std::fs::remove_file(home.path("secret")).unwrap();
    let ran = home.run(&["logout"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("stay good"), "{ran:?}");
    assert_eq!(home.run(&["token"]).code, 3);
}

#[test]
fn whoever_wants_it_so_leaves_without_a_word() {
    let home = Home::new();
    home.log_in(&[]);
    let refresh = refresh_token(&home);
    let ran = home.run(&["logout", "--only-here"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        home.server
            .with(|server| server.is_unspent(&refresh, home.server.now()))
    );
    assert_eq!(home.run(&["token"]).code, 3);
}
