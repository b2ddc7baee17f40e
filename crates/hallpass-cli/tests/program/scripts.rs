//! What scripts rely on: standard output, exit codes, environment.

use serde_json::Value;

use crate::support::Home;

#[test]
fn nothing_but_the_token_is_on_standard_output() {
    let home = Home::new();
    home.log_in(&[]);
    for _ in 0..2 {
        let ran = home.run(&["token"]);
        assert_eq!(ran.stderr, "");
        let (token, rest) = ran.stdout.split_once('\n').unwrap();
        assert!(token.starts_with("access-") && rest.is_empty(), "{ran:?}");
        home.expire("default");
    }
}

#[test]
fn every_command_answers_in_json_on_one_line() {
    let home = Home::new();
    let ran = home.log_in(&["--json"]);
    assert_eq!(ran.json()["state"], "valid");
    for command in [
        &["token"][..],
        &["status"],
        &["list"],
        &["refresh"],
        &["logout"],
    ] {
        let ran = home.run(&[command, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.stdout.lines().count(), 1, "{ran:?}");
        assert!(ran.json().is_object());
    }
    let ran = home.run(&["token", "--json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    let error: Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"], "not_logged_in");
    assert_eq!(error["next"], "hallpass login ISSUER");
}

#[test]
fn a_command_is_run_with_the_token_and_ends_as_it_ends() {
    let home = Home::new();
    home.log_in(&[]);
    let token = home.token();
    let ran = home.run(&[
        "run",
        "--",
        "sh",
        "-c",
        "printf %s \"$HALLPASS_TOKEN\"; exit 7",
    ]);
    assert_eq!((ran.code, ran.stdout), (7, token.clone()));
    let ran = home.run(&[
        "run",
        "--variable",
        "GITHUB_TOKEN",
        "--",
        "sh",
        "-c",
        "printf %s \"$GITHUB_TOKEN\"",
    ]);
    assert_eq!((ran.code, ran.stdout), (0, token));
    assert_eq!(home.run(&["run", "--", "no such command"]).code, 127);
    assert_eq!(home.run(&["run", "--", "/"]).code, 126);
    assert_eq!(home.run(&["run"]).code, 2);
    assert_eq!(
        home.run(&["run", "--profile", "other", "--", "true"]).code,
        3
    );
}

#[test]
fn colours_are_for_terminals_alone_and_for_those_who_insist() {
    let home = Home::new();
    let colourful = |variables: &[(&str, &str)]| {
        let output = home
            .hallpass(&["token"])
            .envs(variables.iter().copied())
            .output();
        String::from_utf8(output.unwrap().stderr)
            .unwrap()
            .contains('\x1b')
    };
    assert!(!colourful(&[]));
    assert!(colourful(&[("CLICOLOR_FORCE", "1")]));
    assert!(!colourful(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn no_sessions_are_no_error() {
    let home = Home::new();
    let ran = home.run(&["list", "--json"]);
    assert_eq!(
        (ran.code, ran.json()["sessions"].as_array().map(Vec::len)),
        (0, Some(0))
    );
    assert_eq!(home.run(&["status"]).code, 3);
    let ran = home.run(&["list", "--profile", "nope"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let listed = home
        .hallpass(&["list"])
        .env("HALLPASS_PROFILE", "nope")
        .output();
    assert_eq!(listed.unwrap().status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_token_that_cannot_be_written_is_told() {
    let home = Home::new();
    home.log_in(&[]);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = home.hallpass(&["token"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let home = Home::new();
    home.log_in(&[]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.hallpass(&["token"]).stdout(writer).output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn a_command_without_its_dashes_is_answered_with_them() {
    let home = Home::new();
    let ran = home.run(&["run", "echo", "hi"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("hallpass run -- echo"), "{ran:?}");
}
