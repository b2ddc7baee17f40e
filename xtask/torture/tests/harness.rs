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
    assert!(said.contains(", as was acknowledged"), "{said}");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("broken: kill on lying"), "{said}");
}

/// The short form of a scenario on the file store; the others have their servers from `cargo xtask torture`.
fn holds(scenario: &str) -> String {
    let done = torture(&["--short", "--store", "file", "--seed", "5", scenario]);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    last_line(&done.stdout)
}

#[test]
fn many_processes_send_one_request_for_each_rotation() {
    holds("rotations");
}

#[test]
fn a_killed_holder_is_followed_by_another_or_ends_the_session_in_doubt() {
    let last = holds("kill");
    let counted = "torture: 2 of 2 held, 200 processes killed, ";
    assert!(
        last.starts_with(counted) && last.contains("; seed 5, "),
        "{last}"
    );
}

#[test]
fn a_holder_that_was_stopped_past_its_lease_is_fenced_off() {
    holds("stop");
}

#[test]
fn a_machine_that_slept_and_a_clock_that_is_years_off_cause_no_storm() {
    holds("suspend");
}

#[test]
fn what_a_refresh_gave_is_saved_after_an_interrupt() {
    holds("interrupt");
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
