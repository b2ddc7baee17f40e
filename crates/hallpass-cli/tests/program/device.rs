//! Logins on another device.

use hallpass_testkit::{Config, Decision, User};

use crate::support::{Begun, Home};

fn begin(home: &Home) -> (Begun, String) {
    let mut login = home.begin(&[
        "login",
        &home.server.issuer(),
        "--device",
        "--client-id",
        "device",
    ]);
    let address = login.address();
    assert!(address.ends_with("/device"), "{address}");
    login.says("this code");
    let code = login.says("  ");
    (login, code)
}

fn home() -> Home {
    Home::with(Config::new().device_interval(Some(std::time::Duration::from_secs(1))))
}

#[test]
fn an_address_and_a_code_are_shown_and_the_answer_is_waited_for() {
    let home = home();
    let (login, code) = begin(&home);
    home.server
        .approve_device(&code, &User::alice(), &Decision::Allow)
        .unwrap();
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(home.token().starts_with("access-"));
}

#[test]
fn a_denial_is_refused_and_nothing_is_kept() {
    let home = home();
    let (login, code) = begin(&home);
    home.server
        .approve_device(&code, &User::alice(), &Decision::Deny)
        .unwrap();
    let ran = login.end();
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(home.run(&["token"]).code, 3);
}

#[test]
fn a_client_that_may_not_is_told_of_the_browser() {
    let home = home();
    let issuer = home.server.issuer();
    let ran = home.run(&["login", &issuer, "--device", "--client-id", "native"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.stderr.contains("--no-browser"), "{ran:?}");
}

#[test]
fn nobody_is_waited_for_longer_than_somebody_said() {
    let home = home();
    let issuer = home.server.issuer();
    for way in [
        &["--device", "--client-id", "device"][..],
        &["--no-browser", "--client-id", "native"],
    ] {
        let ran = home.run(&[&["login", &issuer, "--timeout", "1"], way].concat());
        assert_eq!(ran.code, 9, "{ran:?}");
        assert!(ran.stderr.contains("--timeout SECONDS"), "{ran:?}");
    }
}
