//! Each program runs, ends well, says that the API let it in, and shows no secret.

use std::process::Command;

/// What a password, a secret, a code or a token of the test server has in it.
const SECRET: [&str; 8] = [
    "wonderland",
    "service-secret",
    "access-",
    "refresh-",
    "code-",
    "device-",
    "eyJ",
    "state=",
];

/// What a program prints.
fn told(program: &str) -> String {
    let output = Command::new(program).output().unwrap();
    let (told, error) = [output.stdout, output.stderr]
        .map(|text| String::from_utf8(text).unwrap())
        .into();
    assert!(output.status.success(), "{error}");
    for secret in SECRET {
        assert!(!told.contains(secret), "{secret} stands in {told}");
    }
    told
}

/// The same, ending in what the API says.
fn told_to(program: &str, message: &str) -> String {
    let told = told(program);
    let last = told.lines().last().unwrap();
    assert!(
        last.starts_with("The API says 200 OK") && last.contains(message),
        "{told}"
    );
    told
}

const ALICE: &str = r#""sub":"alice""#;

#[test]
fn a_program_gets_a_token_for_itself() {
    told_to(
        env!("CARGO_BIN_EXE_client_credentials"),
        r#""sub":"service""#,
    );
}

#[test]
fn a_program_that_takes_a_password_says_why_not() {
    let told = told_to(env!("CARGO_BIN_EXE_legacy_password"), ALICE);
    assert!(told.starts_with("Why not: "));
}

#[test]
fn a_device_shows_an_address_and_a_code() {
    let told = told_to(env!("CARGO_BIN_EXE_device"), ALICE);
    let first = told.lines().next().unwrap();
    assert!(first.contains("/oauth/device on any device and type in "));
}

#[test]
fn what_a_login_asks_for_is_pushed() {
    let told = told_to(env!("CARGO_BIN_EXE_authorization_code"), ALICE);
    assert!(told.starts_with("Pushed what is asked for."));
}

#[test]
fn tokens_are_taken_back_and_others_are_renewed() {
    let told = told_to(env!("CARGO_BIN_EXE_refresh_and_revoke"), ALICE);
    assert!(told.lines().next().unwrap().contains("401"), "{told}");
}

#[test]
fn a_token_is_exchanged_for_one_that_can_do_less() {
    told_to(
        env!("CARGO_BIN_EXE_token_exchange"),
        r#""sub":"alice","scope":"read""#,
    );
}

#[test]
fn a_program_signs_for_a_user() {
    told_to(env!("CARGO_BIN_EXE_jwt_bearer"), ALICE);
}

#[test]
fn a_program_proves_itself_with_a_key() {
    told_to(env!("CARGO_BIN_EXE_private_key_jwt"), r#""sub":"jwt""#);
}

#[test]
fn a_stolen_token_that_is_bound_is_worth_nothing() {
    let told = told_to(env!("CARGO_BIN_EXE_dpop"), ALICE);
    assert!(told.contains("The API tells a thief 401"), "{told}");
    assert!(told.contains("token_type: Dpop"), "{told}");
}

#[test]
fn an_api_lets_in_who_may_read_and_no_other() {
    let told = told_to(env!("CARGO_BIN_EXE_introspection"), "alice");
    assert!(
        told.starts_with("The API says 403 Forbidden to a token for write"),
        "{told}"
    );
}

#[test]
fn a_client_registers_itself_works_and_goes() {
    let told = told(env!("CARGO_BIN_EXE_registration"));
    assert!(told.contains("The API says 200 OK"), "{told}");
    assert!(
        told.lines().last().unwrap().contains("invalid_client"),
        "{told}"
    );
}
