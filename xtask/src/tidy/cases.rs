//! Every seed case and attack row that `tests/cases.toml` requires has a test that exists and is run:
//!
//! ```text
//! [required]
//! seeds = ["1-17", "56"]
//! attacks = ["A1-A8", "K4"]
//!
//! [seeds]
//! 1 = ["hallpass-grant::tests/authorization_url.rs::the_httpig_url_asks_for_a_token"]
//!
//! [attacks]
//! A1 = ["hallpass-grant::src/callback.rs::an_altered_state_is_refused"]
//! ```
//!
//! A test is `package::file in its folder::function`; `examples/demo/src/main.rs::function` names the file from the root.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Complaint, House};
use crate::source::Source;

pub(super) const MAP: &str = "tests/cases.toml";
const SECTIONS: &[&str] = &["seeds", "attacks"];

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let Some(text) = house.file(MAP) else {
        return vec![Complaint::new(
            MAP,
            "is missing: it maps each seed case and attack row to its tests",
        )];
    };
    let map: Table = match text.parse() {
        Ok(map) => map,
        Err(error) => return vec![Complaint::new(MAP, format!("is not TOML: {error}"))],
    };
    let mut complaints = Vec::new();
    for section in SECTIONS {
        let required = map
            .get("required")
            .and_then(|required| required.get(section));
        let Some(required) = required.and_then(Value::as_array) else {
            complaints.push(Complaint::new(
                MAP,
                format!("has no `{section}` list under [required]: add it"),
            ));
            continue;
        };
        let empty = Table::new();
        let mapped = map
            .get(*section)
            .and_then(Value::as_table)
            .unwrap_or(&empty);
        complaints.extend(section_of(house, section, required, mapped));
    }
    complaints
}

fn section_of(house: &House, section: &str, required: &[Value], mapped: &Table) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut owed = BTreeSet::new();
    for range in required {
        match range.as_str().and_then(ids) {
            Some(ids) => owed.extend(ids),
            None => {
                let range = range.as_str().unwrap_or(range.type_str());
                let says = format!(
                    "[required] {section}: {range} is no id and no range: write \"7\" or \"A1-A8\""
                );
                complaints.push(Complaint::new(MAP, says));
            }
        }
    }
    for id in &owed {
        let tests = mapped.get(id).and_then(Value::as_array);
        if tests.is_none_or(|tests| tests.is_empty()) {
            let says = format!(
                "[{section}] {id} has no test: write one and map it as `{id} = [\"package::file::function\"]`"
            );
            complaints.push(Complaint::new(MAP, says));
        }
    }
    for (id, tests) in mapped {
        if !owed.contains(id) {
            let says = format!("[{section}] {id} is mapped but not required: add it to [required]");
            complaints.push(Complaint::new(MAP, says));
        }
        for test in tests.as_array().into_iter().flatten() {
            let test = test.as_str().unwrap_or_default();
            if let Err(wrong) = find(house, test) {
                complaints.push(Complaint::new(
                    MAP,
                    format!("[{section}] {id}: `{test}` {wrong}"),
                ));
            }
        }
    }
    complaints
}

/// `A1-A3` is A1, A2 and A3; `7` is itself.
fn ids(range: &str) -> Option<Vec<String>> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (prefix, first) = numbered(first)?;
    let (same, last) = numbered(last)?;
    (prefix == same && first <= last).then(|| {
        (first..=last)
            .map(|number| format!("{prefix}{number}"))
            .collect()
    })
}

pub(super) fn numbered(id: &str) -> Option<(&str, u32)> {
    let digits = id.find(|c: char| c.is_ascii_digit())?;
    Some((&id[..digits], id[digits..].parse().ok()?))
}

/// The file and the function that the name of a test is made of.
pub(super) fn parts<'t>(house: &House, test: &'t str) -> Result<(String, &'t str), String> {
    let form = "is not of the form `package::file in its folder::function`";
    let (file, function) = test.rsplit_once("::").ok_or(form)?;
    // A function may be named with its modules: `…/url.rs::tests::name`.
    let file = file
        .find(".rs")
        .map(|at| &file[..at + ".rs".len()])
        .ok_or(form)?;
    Ok((path(house, file)?, function))
}

/// `package::file in its folder` from the root; a file without a package is from there already.
pub(super) fn path(house: &House, file: &str) -> Result<String, String> {
    let Some((package, file)) = file.split_once("::") else {
        return Ok(file.to_owned());
    };
    let package = house.packages.iter().find(|known| known.name == package);
    let package = package.ok_or("names no package of ours")?;
    Ok(format!("{}/{file}", package.folder))
}

fn find(house: &House, test: &str) -> Result<(), String> {
    let (path, function) = parts(house, test)?;
    let text = house
        .file(&path)
        .ok_or_else(|| format!("names {path}, which does not exist"))?;
    let source = Source::new(text);
    let functions = source.functions();
    let found = functions.iter().find(|known| known.name == function);
    let found = found.ok_or_else(|| format!("names no function in {path}: was it renamed?"))?;
    if !found.is_test() {
        return Err("names a function that is no test: give it #[test]".to_owned());
    }
    if found.is_ignored() {
        return Err("names a test that is ignored: make it run".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    const TESTS: &str = "#[test]\nfn it_holds() {}\nfn helper() {}\n#[test]\n#[ignore]\nfn later() {}\nmod tests { #[tokio::test]\nasync fn it_waits() {} }";

    fn complaints(map: &str) -> Vec<String> {
        let files = [(MAP, map), ("crates/hallpass-grant/tests/url.rs", TESTS)];
        let found = check(&house(vec![package("hallpass-grant", &[], &[])], &files));
        found.into_iter().map(|complaint| complaint.says).collect()
    }

    #[test]
    fn ranges_are_read_as_their_ids() {
        assert_eq!(ids("7").unwrap(), ["7"]);
        assert_eq!(ids("A9-A11").unwrap(), ["A9", "A10", "A11"]);
        for wrong in ["", "A", "A3-A1", "A1-B2", "1-", "x1y"] {
            assert_eq!(ids(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_map_whose_tests_all_exist_is_fine() {
        let map = "[required]\nseeds = [\"1-2\"]\nattacks = [\"A1\"]\n[seeds]\n1 = [\"hallpass-grant::tests/url.rs::it_holds\"]\n\
                   2 = [\"crates/hallpass-grant/tests/url.rs::tests::it_waits\"]\n[attacks]\nA1 = [\"hallpass-grant::tests/url.rs::it_holds\"]";
        assert_eq!(complaints(map), [""; 0]);
    }

    #[test]
    fn an_id_without_a_test_and_one_that_nobody_asked_for_are_told() {
        let map = "[required]\nseeds = [\"1-3\"]\nattacks = []\n[seeds]\n1 = [\"hallpass-grant::tests/url.rs::it_holds\"]\n2 = []\n9 = []";
        let found = complaints(map);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("[seeds] 2 has no test: write one and map it"),
            "{found:?}"
        );
        assert!(found[1].starts_with("[seeds] 3 has no test"), "{found:?}");
        assert!(
            found[2].starts_with("[seeds] 9 is mapped but not required"),
            "{found:?}"
        );
    }

    #[test]
    fn a_test_that_is_not_there_or_not_run_is_told() {
        for (test, says) in [
            (
                "hallpass-grant::tests/url.rs::gone",
                "names no function in crates/hallpass-grant/tests/url.rs",
            ),
            (
                "hallpass-grant::tests/gone.rs::it_holds",
                "names crates/hallpass-grant/tests/gone.rs, which does not exist",
            ),
            (
                "hallpass-grand::tests/url.rs::it_holds",
                "names no package of ours",
            ),
            (
                "hallpass-grant::tests/url.rs::helper",
                "names a function that is no test",
            ),
            (
                "hallpass-grant::tests/url.rs::later",
                "names a test that is ignored",
            ),
            ("it_holds", "is not of the form"),
            ("hallpass-grant::it_holds", "is not of the form"),
        ] {
            let found = complaints(&format!(
                "[required]\nseeds = [\"1\"]\nattacks = []\n[seeds]\n1 = [\"{test}\"]"
            ));
            assert!(
                found.len() == 1 && found[0].contains(says),
                "{test}: {found:?}"
            );
        }
    }

    #[test]
    fn a_map_that_requires_nothing_is_told() {
        assert_eq!(complaints("").len(), 2);
        assert!(complaints("[")[0].starts_with("is not TOML"));
        assert!(
            complaints("[required]\nseeds = [7]\nattacks = []")[0]
                .contains("integer is no id and no range")
        );
    }
}
