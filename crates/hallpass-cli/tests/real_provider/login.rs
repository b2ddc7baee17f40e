//! Logins as a person sees them, from the first line to the last.

use crate::terminal::{Home, WIDE};
use crate::transcript::{Mask, compare};
use crate::{Answer, answer, approve, deny, issuer};

#[test]
fn a_login_in_a_browser_a_token_and_a_logout() {
    let home = Home::new();
    let terminal = home.terminal(WIDE);
    let login = terminal
        .begin("hallpass login $ISSUER --client-id hallpass-native --scope openid --no-browser");
    let url = login.line("  http");
    answer(url.trim(), Answer::Allow);
    login.ended();
    let token = terminal.run("hallpass token");
    assert_eq!(
        token,
        terminal.run("hallpass token"),
        "it is good for an hour"
    );
    terminal.run("hallpass status");
    terminal.run("hallpass list");
    terminal.run("hallpass run -- sh -c 'test \"$HALLPASS_TOKEN\" = \"$(hallpass token)\"'");
    let fresh = terminal.run("hallpass refresh && hallpass token");
    let fresh = fresh.lines().last().unwrap().to_owned();
    assert_ne!(token, fresh);
    // An ID token is a JWT, and says when it ends.
    terminal.run(
        "hallpass credential kubernetes --id-token | grep -c '\"expirationTimestamp\":.*\"token\":\"eyJ'",
    );
    terminal.run("hallpass logout");
    terminal.run("hallpass token");
    let mask = Mask::new()
        .with(url.trim(), "URL")
        .with(&token, "TOKEN")
        .with(&fresh, "NEW-TOKEN")
        .with(&issuer(), "http://ISSUER");
    compare("browser", &terminal.screen(), &mask);
}

#[test]
fn a_login_on_another_device() {
    let home = Home::new();
    let terminal = home.terminal(WIDE);
    let login = terminal
        .begin("hallpass login $ISSUER --client-id hallpass-device --scope openid --device");
    let uri = login.line("  http");
    let code = code(&terminal);
    // The address is drawn as well, for a camera.
    let screen = terminal.until("the last line", |screen| screen.contains("Waiting"));
    assert!(screen.contains("████"), "{screen}");
    approve(uri.trim(), &code);
    login.ended();
    let token = terminal.run("hallpass token");
    terminal.run("hallpass logout");
    let drawn = |line: &&str| line.starts_with(['█', '▀']);
    let screen = terminal.screen();
    let without: Vec<&str> = screen.lines().filter(|line| !drawn(line)).collect();
    let mask = Mask::new()
        .with(&code, "CODE-CODE")
        .with(&token, "TOKEN")
        .with(&issuer(), "http://ISSUER");
    compare("device", &without.join("\n"), &mask);
}

#[test]
fn a_program_logs_in_for_itself() {
    let home = Home::new();
    std::fs::write(home.path().join("secret"), "hallpass-service-secret\n").unwrap();
    let terminal = home.terminal(WIDE);
    terminal.run("hallpass login $ISSUER --client-id hallpass-service --client-secret-file secret --scope api:read --client-credentials");
    let token = terminal.run("hallpass token");
    terminal.run("hallpass introspect | grep -v -e ^iat -e ^exp -e ^jti");
    terminal.run("echo nonsense | hallpass introspect --token-stdin");
    terminal.run("hallpass logout");
    let mask = Mask::new()
        .with(&token, "TOKEN")
        .with(&issuer(), "http://ISSUER");
    compare("client_credentials", &terminal.screen(), &mask);
}

#[test]
fn a_no_is_told_and_nobody_is_logged_in() {
    let home = Home::new();
    let terminal = home.terminal(WIDE);
    let login = terminal
        .begin("hallpass login $ISSUER --client-id hallpass-native --scope openid --no-browser");
    let url = login.line("  http");
    answer(url.trim(), Answer::Deny);
    login.ended();
    let login = terminal.begin(
        "hallpass login $ISSUER --client-id hallpass-device --scope openid --device --qr=never",
    );
    let uri = login.line("  http");
    let code = code(&terminal);
    deny(uri.trim(), &code);
    login.ended();
    terminal.run("hallpass status");
    let mask = Mask::new()
        .with(url.trim(), "URL")
        .with(&code, "CODE-CODE")
        .with(&issuer(), "http://ISSUER");
    compare("denied", &terminal.screen(), &mask);
}

/// The code on the screen: `WDJB-MJHT`.
fn code(terminal: &crate::terminal::Terminal) -> String {
    let is_code = |word: &str| {
        let (left, right) = word.split_once('-')?;
        let is_part = |part: &str| part.len() == 4 && part.chars().all(|c| c.is_ascii_uppercase());
        (is_part(left) && is_part(right)).then(|| word.to_owned())
    };
    let mut found = None;
    terminal.until("a code", |screen| {
        found = screen.split_whitespace().rev().find_map(is_code);
        found.is_some()
    });
    found.unwrap()
}
