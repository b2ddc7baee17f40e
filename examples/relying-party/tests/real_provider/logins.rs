//! Logins, by every way that the provider has.

use crate::provider::PROVIDER;
use crate::run::{Run, as_client};

const RESPONSE_TYPES: [&str; 6] = [
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];

#[test]
fn each_response_type_logs_in_by_redirect_and_by_form() {
    for response_type in RESPONSE_TYPES {
        for mode in [None, Some("form_post")] {
            let mut more = vec![
                "--response-type",
                response_type,
                "--scope",
                "openid profile email",
            ];
            more.extend(mode.iter().flat_map(|mode| ["--response-mode", mode]));
            let run = Run::new(&as_client("hallpass-openid", &more)).completed();
            assert_eq!(run.ok("login")["claims"]["sub"], "alice", "{response_type}");
            if response_type == "id_token" {
                assert_eq!(run.ok("login")["claims"]["name"], "Alice Liddell");
                assert_eq!(run.count("userinfo"), 0);
            } else {
                assert_eq!(run.ok("userinfo")["claims"]["name"], "Alice Liddell");
            }
        }
    }
}

#[test]
fn user_info_comes_for_a_token_in_the_header_in_the_body_and_signed() {
    for (client, how) in [
        ("hallpass-openid", "header"),
        ("hallpass-openid", "body"),
        ("hallpass-openid-signed", "signed"),
    ] {
        let run = Run::new(&as_client(client, &["--userinfo", how])).completed();
        assert_eq!(run.ok("userinfo")["claims"]["sub"], "alice", "{how}");
    }
    // What was to be signed and is not is refused.
    let run = Run::new(&as_client("hallpass-openid", &["--userinfo", "signed"]));
    run.ended(3, "unsigned");
}

#[test]
fn the_algorithm_is_the_one_that_was_registered_and_no_other() {
    let more = ["--expect-alg", "ES256", "--userinfo", "signed"];
    Run::new(&as_client("hallpass-openid-es256", &more)).completed();
    Run::new(&as_client("hallpass-openid-es256", &[])).ended(3, "unexpected_algorithm");
}

#[test]
fn what_was_asked_for_has_to_come() {
    let claims = r#"{"id_token":{"email":{"essential":true}},"userinfo":{"name":null}}"#;
    let more = ["--max-age", "3600", "--claims", claims];
    let run = Run::new(&as_client("hallpass-openid", &more)).completed();
    assert!(run.ok("login")["claims"]["auth_time"].is_u64());
    assert_eq!(run.ok("login")["claims"]["email"], "alice@example.test");
    assert_eq!(run.ok("userinfo")["claims"]["name"], "Alice Liddell");
}

#[test]
fn tokens_are_refreshed_and_the_new_one_opens_user_info() {
    let more = [
        "--scope",
        "openid offline_access",
        "--prompt",
        "consent",
        "--refresh",
    ];
    let run = Run::new(&as_client("hallpass-openid", &more)).completed();
    assert_eq!(run.ok("refresh")["claims"]["sub"], "alice");
    run.ok("userinfo");
}

#[test]
fn keys_that_change_between_logins_are_fetched_again() {
    let issuer = format!("{}/rotating", PROVIDER.issuer);
    let mut arguments = as_client("hallpass-openid", &["--repeat", "3"]);
    arguments.extend(["--issuer", &issuer]);
    let run = Run::new(&arguments).completed();
    assert_eq!(run.count("login"), 3);
}

#[test]
fn web_finger_finds_the_provider() {
    let host = PROVIDER.issuer.strip_prefix("https://").unwrap();
    for resource in [
        format!("https://{host}/alice"),
        format!("acct:alice@{host}"),
    ] {
        let run = Run::bare(&["--webfinger", &resource, "--until", "discovery"]).completed();
        assert_eq!(run.ok("webfinger")["issuer"], PROVIDER.issuer.as_str());
        run.ok("discovery");
    }
}

#[test]
fn a_run_stops_where_it_was_told_to() {
    for (until, last) in [
        ("discovery", "discovery"),
        ("keys", "keys"),
        ("login", "login"),
    ] {
        let run = Run::new(&as_client("hallpass-openid", &["--until", until])).completed();
        let before_the_end = &run.steps[run.steps.len() - 2];
        assert_eq!(before_the_end["step"], last);
    }
}

#[test]
fn a_provider_that_says_no_ends_the_run_with_four() {
    for mode in ["query", "form_post"] {
        let more = ["--prompt", "none", "--response-mode", mode];
        Run::new(&as_client("hallpass-openid", &more)).ended(4, "login_required");
    }
    let wrong = PROVIDER.write("wrong-secret", "wrong");
    let more = ["--client-secret-file", &wrong];
    let mut arguments = vec!["--client-id", "hallpass-openid"];
    arguments.extend(["--redirect-uri", "https://client.example/callback"]);
    arguments.extend(more);
    Run::new(&arguments).ended(4, "invalid_client");
}

#[test]
fn metadata_of_another_issuer_ends_the_run_with_three() {
    let issuer = format!("{}/", PROVIDER.issuer);
    let run = Run::bare(&["--issuer", &issuer, "--until", "discovery"]);
    run.ended(3, "issuer");
}
