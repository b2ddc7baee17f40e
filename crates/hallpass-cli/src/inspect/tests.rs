//! Each document in `documents` says which findings it has to give. One more or one less fails.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;

struct Case {
    name: String,
    documents: Documents,
    rules: Vec<String>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/inspect/documents");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap();
    let case: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document = |name: &str| match case.get(name) {
        // A text is sent as it stands: it may be no JSON at all.
        Some(Value::String(text)) => Document::Read(text.clone().into_bytes()),
        Some(value) => Document::Read(value.to_string().into_bytes()),
        None => Document::Absent("the server answered 404".to_owned()),
    };
    let rules = case["findings"].as_array().unwrap();
    Case {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        documents: Documents {
            issuer: Issuer::new(case["issuer"].as_str().unwrap()).unwrap(),
            oauth: document("oauth"),
            openid: document("openid"),
            keys: document("keys"),
        },
        rules: rules
            .iter()
            .map(|rule| rule.as_str().unwrap().to_owned())
            .collect(),
    }
}

fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn every_document_gives_the_findings_it_names_and_no_other() {
    let mut wrong = String::new();
    for case in cases() {
        let report = inspect(&case.documents);
        if rules(&report) != case.rules {
            wrong += &format!("{}: {:#?}\n", case.name, report.findings);
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn every_rule_is_broken_by_some_document() {
    let sources = [
        include_str!("clients.rs"),
        include_str!("differences.rs"),
        include_str!("endpoints.rs"),
        include_str!("keys.rs"),
        include_str!("offers.rs"),
        include_str!("../inspect.rs"),
    ];
    let kinds = ["note", "weak", "wrong", "severe"];
    let mut known = BTreeSet::new();
    for kind in kinds {
        let call = format!("Finding::{kind}(");
        for source in sources {
            let calls = source.split(&call).skip(1);
            known.extend(calls.map(|call| call.split('"').nth(1).unwrap().to_owned()));
        }
    }
    let broken: BTreeSet<String> = cases().into_iter().flat_map(|case| case.rules).collect();
    let unbroken: Vec<&String> = known.difference(&broken).collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
    assert!(known.len() > 40, "{}", known.len());
}

#[test]
fn a_server_that_does_everything_right_gives_none() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "best.json")
        .unwrap();
    assert_eq!(rules(&inspect(&case.documents)), Vec::<&str>::new());
    assert_eq!(inspect(&case.documents).worst(), None);
}

#[test]
fn the_worst_comes_first_and_says_what_to_do() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "keys.json")
        .unwrap();
    let report = inspect(&case.documents);
    assert_eq!(report.worst(), Some(Severity::Severe));
    assert!(
        report
            .findings
            .is_sorted_by(|one, other| one.severity >= other.severity)
    );
    for finding in &report.findings {
        assert!(
            !finding.remedy.is_empty() && !finding.what.ends_with('.'),
            "{finding:?}"
        );
    }
}

#[test]
fn what_a_server_says_is_shown_on_one_line_without_control_characters() {
    let hostile = "https://a.example/\u{1b}[2J\nok\u{202e}";
    let documents = Documents {
        issuer: Issuer::new("https://as.example").unwrap(),
        oauth: Document::Read(
            serde_json::json!({ "issuer": hostile, "token_endpoint": hostile, "\u{7}_endpoint": 1, "jwks_uri": hostile })
                .to_string()
                .into_bytes(),
        ),
        openid: Document::Absent("404".to_owned()),
        keys: Document::Read(
            serde_json::json!({ "keys": [{ "kid": hostile }, { "kid": hostile, "kty": hostile }] })
                .to_string()
                .into_bytes(),
        ),
    };
    let report = inspect(&documents);
    assert!(report.findings.len() > 5);
    for finding in report.findings {
        let is_shown = |c: char| !c.is_control() && c != '\u{202e}';
        assert!(finding.what.chars().all(is_shown), "{:?}", finding.what);
    }
}

#[test]
fn whatever_the_documents_are_nothing_panics() {
    let odd = [
        "",
        "null",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[1,null,{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}",
        "\u{0}",
    ];
    for one in odd {
        for other in odd {
            let documents = Documents {
                issuer: Issuer::new("https://as.example").unwrap(),
                oauth: Document::Read(one.into()),
                openid: Document::Read(
                    format!("{{\"jwks_uri\":\"https://as.example/{}\"}}", other.len()).into(),
                ),
                keys: Document::Read(other.into()),
            };
            assert!(!inspect(&documents).findings.is_empty());
        }
    }
}
