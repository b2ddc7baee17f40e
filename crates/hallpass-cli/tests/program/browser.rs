//! Logins in a browser.

use std::os::unix::fs::PermissionsExt;

use hallpass_testkit::{Config, Decision, Fault, User};

use crate::support::{Begun, Home, until, visit};

fn begin(home: &Home, more: &[&str]) -> Begun {
    let issuer = home.server.issuer();
    home.begin(
        &[
            &["login", &issuer, "--no-browser", "--client-id", "native"],
            more,
        ]
        .concat(),
    )
}

#[test]
fn the_browser_is_told_how_the_login_ended() {
    let home = Home::new();
    let mut login = begin(&home, &[]);
    let url = login.address();
    let location = home.server.consent(&url, &User::alice(), &Decision::Allow);
    let page = visit(&location.unwrap());
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert_eq!(login.end().code, 0);
}

#[test]
fn the_address_that_the_browser_ended_at_can_be_pasted() {
    let home = Home::new();
    let mut login = begin(&home, &[]);
    let url = login.address();
    let location = home
        .server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    login.write("what now?\nhttp://127.0.0.1/callback?code=forged&state=forged\n");
    login.says("does not answer this login");
    login.says("does not answer this login");
    login.write(&format!("  {location}\n"));
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn the_browser_that_somebody_names_is_opened_with_the_address_alone() {
    let home = Home::new();
    let opened = home.path("opened");
    let script = home.write(
        "browser",
        &format!(
            "#!/bin/sh\nprintf '%s\\n' \"$#\" \"$1\" > {0}.part && mv {0}.part {0}\n",
            opened.display()
        ),
    );
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.hallpass(&["login", &home.server.issuer(), "--client-id", "native"]);
    command.env("BROWSER", &script).env("SSH_TTY", "/dev/pts/9");
    let mut login = Begun::new(command);
    let url = login.address();
    until("the browser is opened", || opened.exists());
    assert_eq!(
        std::fs::read_to_string(&opened).unwrap(),
        format!("1\n{url}\n")
    );
    visit(
        &home
            .server
            .consent(&url, &User::alice(), &Decision::Allow)
            .unwrap(),
    );
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn whoever_comes_over_ssh_is_told_of_the_device_flow() {
    let home = Home::new();
    let mut command = home.hallpass(&["login", &home.server.issuer(), "--client-id", "native"]);
    command
        .env("SSH_CONNECTION", "192.0.2.1 5000 192.0.2.2 22")
        .env("DISPLAY", ":10");
    let mut login = Begun::new(command);
    login.says("(SSH)");
    login.says("--device");
    let url = login.address();
    visit(
        &home
            .server
            .consent(&url, &User::alice(), &Decision::Allow)
            .unwrap(),
    );
    assert_eq!(login.end().code, 0);
}

#[test]
fn a_denial_is_refused_and_nothing_is_kept() {
    let home = Home::new();
    let mut login = begin(&home, &[]);
    let url = login.address();
    visit(
        &home
            .server
            .consent(&url, &User::alice(), &Decision::Deny)
            .unwrap(),
    );
    let ran = login.end();
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.stderr.contains("access_denied"), "{ran:?}");
    assert_eq!(home.run(&["token"]).code, 3);
}

#[test]
fn the_implicit_grant_is_there_for_those_who_need_it() {
    let home = Home::new();
    let issuer = home.server.issuer();
    let mut login = home.begin(&[
        "login",
        &issuer,
        "--implicit",
        "--no-browser",
        "--client-id",
        "httpig",
        "--scope",
        "read",
    ]);
    let url = login.address();
    let location = home
        .server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    assert!(location.contains("#access_token="), "{location}");
    login.write(&format!("{location}\n"));
    let ran = login.end();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(home.token().starts_with("access-"));
    home.expire("default");
    let ran = home.run(&["token"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran:?}");
    assert!(ran.stderr.contains("hallpass login"), "{ran:?}");
}

#[test]
fn what_is_asked_for_is_pushed_where_the_server_wants_that() {
    let home = Home::with(Config::new().require_pushed_authorization_requests(true));
    let ran = home.log_in(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_port_that_is_in_use_is_told_with_what_to_do() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = home.run(&[
        "login",
        &home.server.issuer(),
        "--client-id",
        "native",
        "--redirect-port",
        &port,
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--redirect-port"), "{ran:?}");
}

#[test]
fn what_a_server_says_cannot_command_the_terminal() {
    let home = Home::new();
    let description = "%1b]0;owned%07%1b[2J%0d%0aerror: all is well%e2%80%ae".to_owned();
    let hostile = Fault::AuthorizationError {
        error: "server_error".to_owned(),
        description,
    };
    for json in [&[][..], &["--json"]] {
        home.server.inject(hostile.clone().once());
        let mut login = begin(&home, json);
        let url = login.address();
        visit(
            &home
                .server
                .consent(&url, &User::alice(), &Decision::Allow)
                .unwrap(),
        );
        let ran = login.end();
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("owned"), "{ran:?}");
        let shown = ran.stderr.replace('\n', "");
        assert!(
            !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{ran:?}"
        );
        assert!(
            !ran.stderr
                .lines()
                .any(|line| line.starts_with("error: all is well")),
            "{ran:?}"
        );
    }
}

#[test]
fn where_nobody_can_answer_the_login_ends_at_once() {
    let home = Home::new();
    let ran = home.run(&["login", &home.server.issuer(), "--client-id", "native"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--no-browser"), "{ran:?}");
}
