//! The harness itself: it has to find what is wrong, and to say what it did.
#![cfg(unix)]

use std::process::{Command, Output};

fn torture(words: &[&str]) -> Output {
    let mut torture = Command::new(env!("CARGO_BIN_EXE_torture"));
    torture.args(words).output().unwrap()
}

fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_store_that_answers_before_it_writes_is_found_out() {
    let done = torture(&["--short", "--store", "lying", "kill"]);
    assert!(!done.status.success());
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.contains("was acknowledged and tried since"), "{said}");
    let last = last_line(&done.stderr);
    assert!(last.starts_with("torture: 0 of 1 held, "), "{last}");
}

#[test]
fn a_store_that_keeps_its_word_holds_and_the_last_line_counts() {
    let done = torture(&["--short", "--store", "file", "--seed", "5", "kill"]);
    let last = last_line(&done.stdout);
    assert!(done.status.success(), "{last}");
    assert!(
        last.starts_with("torture: 1 of 1 held, 100 processes killed, "),
        "{last}"
    );
    assert!(last.contains("; seed 5, "), "{last}");
}

#[test]
fn an_unknown_scenario_is_told_with_those_there_are() {
    let done = torture(&["kil"]);
    assert!(!done.status.success());
    let last = last_line(&done.stderr);
    assert!(
        last.starts_with("no scenario is called `kil`: there are "),
        "{last}"
    );
}
