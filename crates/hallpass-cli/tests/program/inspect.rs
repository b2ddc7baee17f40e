//! `hallpass inspect` on the test kit's server, right and wrong.

use hallpass_testkit::{Endpoint, Fault};

use crate::support::{Home, Ran};

fn rules(home: &Home, more: &[&str]) -> (Ran, Vec<String>) {
    let issuer = home.server.issuer();
    let ran = home.run(&[&["inspect", &issuer, "--json"], more].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let rules = findings.map(|finding| finding["rule"].as_str().unwrap().to_owned());
    let rules = rules.collect();
    (ran, rules)
}

#[test]
fn what_is_wrong_at_a_server_is_found_and_fails_a_check_that_asks_for_it() {
    let home = Home::new();
    let (ran, before) = rules(&home, &["--fail-on", "severe"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!before.contains(&"pkce-no-s256".to_owned()), "{before:?}");

    home.server.inject(Fault::PkcePlainOnly);
    let (ran, rules) = rules(&home, &["--fail-on", "severe"]);
    assert_eq!(ran.code, 8, "{ran:?}");
    assert_eq!(rules[0], "pkce-no-s256");
}

#[test]
fn two_documents_that_differ_are_told_member_by_member() {
    let home = Home::new();
    home.server.inject(Fault::MetadataDiffers);
    let (_, rules) = rules(&home, &[]);
    assert!(rules.contains(&"documents-differ".to_owned()), "{rules:?}");
    let page = home.run(&["inspect", &home.server.issuer()]);
    assert!(
        page.stdout.contains("in RFC 8414's document and"),
        "{page:?}"
    );
}

#[test]
fn metadata_of_another_issuer_is_severe() {
    let home = Home::new();
    home.server
        .inject(Fault::MetadataIssuer("https://evil.example".to_owned()));
    let (ran, rules) = rules(&home, &["--fail-on", "severe"]);
    assert_eq!((ran.code, rules[0].as_str()), (8, "issuer-mismatch"));
}

#[test]
fn the_server_of_a_session_need_not_be_named_and_one_that_is_not_there_is_no_finding() {
    let home = Home::new();
    assert_eq!(home.run(&["inspect"]).code, 2);
    assert_eq!(home.log_in_itself(&[]).code, 0);
    assert_eq!(home.run(&["inspect"]).code, 0);
    home.server
        .inject(Fault::CloseBeforeAnswer.at(Endpoint::Metadata));
    let ran = home.run(&["inspect"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (6, ""), "{ran:?}");
}

#[test]
fn a_server_that_is_known_by_a_word_is_one_issuer() {
    let home = Home::new();
    let ran = home.run(&["inspect", "microsoft"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("microsoft/TENANT-ID"), "{ran:?}");
}
