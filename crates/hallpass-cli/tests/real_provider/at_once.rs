//! Two shells at once, and programs that are ended in the middle.

use std::fs;

use crate::terminal::{Home, Terminal, WIDE};
use crate::{Answer, answer, variable};

/// A login whose access tokens live for four seconds.
fn log_in(home: &Home) -> Terminal {
    let terminal = home.terminal(WIDE);
    let login = terminal.begin(
        "hallpass login $ISSUER --client-id hallpass-native-short --scope openid --no-browser",
    );
    let url = login.line("  http");
    answer(url.trim(), Answer::Allow);
    login.ended();
    terminal
}

/// How many refresh tokens of that client the provider was given.
fn refreshes() -> usize {
    let log = fs::read_to_string(variable("HALLPASS_PROVIDER_LOG")).unwrap();
    let line = "refresh_token.consumed hallpass-native-short";
    log.lines().filter(|own| *own == line).count()
}

/// Until what `status` says has it that the token has ended.
fn until_expired(terminal: &Terminal) {
    // Each look takes as long as a program does to start.
    for _ in 0..2_000 {
        if terminal
            .run("clear; hallpass status --json")
            .contains("\"stale\"")
        {
            return;
        }
    }
    panic!("the token lives for ever");
}

#[test]
fn two_shells_at_once_after_the_end_of_a_token_make_one_refresh_and_a_login_that_is_killed_changes_nothing()
 {
    let home = Home::new();
    let (one, other) = (log_in(&home), home.terminal(WIDE));
    until_expired(&one);
    let before = refreshes();
    let (first, second) = (one.begin("hallpass token"), other.begin("hallpass token"));
    let (first, second) = (first.ended(), second.ended());
    assert_eq!(first, second);
    assert_eq!(first.lines().count(), 1, "{first}");
    assert_eq!(refreshes() - before, 1);

    // The next login is killed while it waits for the browser: what was there before is as it was.
    let login = other.begin("sh -c 'echo $$ > login; exec hallpass login --no-browser'");
    login.line("  http");
    one.run("kill -9 $(cat login)");
    login.ended();
    assert!(other.screen().ends_with("[137]"), "{}", other.screen());
    until_expired(&one);
    let token = other.run("clear; hallpass token");
    assert_eq!(token.lines().count(), 1, "{token}");
    assert_ne!(token, first);
    assert_eq!(refreshes() - before, 2);
}

#[test]
fn ctrl_c_ends_a_question_and_a_login_and_the_next_one_works() {
    let home = Home::new();
    let terminal = home.terminal(WIDE);
    let question = terminal.begin("hallpass login $ISSUER --client-id hallpass-device");
    terminal.until("the question", |screen| screen.ends_with("[Y/n]"));
    terminal.press("\u{3}");
    question.ended();
    assert!(terminal.screen().ends_with("[130]"));

    let command = "hallpass login $ISSUER --client-id hallpass-native --scope openid --no-browser";
    let login = terminal.begin(command);
    login.line("  http");
    terminal.press("\u{3}");
    login.ended();
    let last = terminal.screen();
    assert!(last.ends_with("[130]"), "{last}");

    let login = terminal.begin(command);
    let url = login.line("  http");
    answer(url.trim(), Answer::Allow);
    login.ended();
    assert!(terminal.screen().ends_with("[0]"));
    assert_eq!(terminal.run("hallpass token").lines().count(), 1);
}
