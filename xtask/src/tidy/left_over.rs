//! What was left over from work: tests that are passed over or sleep, stubs, prints, and names of one machine.

use super::{Complaint, House};
use crate::source::Source;

/// What may not stand in any Rust code.
const STUBS: &[(&str, &str)] = &[
    ("todo!", "write it"),
    ("unimplemented!", "write it"),
    ("dbg!", "remove it"),
];

/// What only one machine or one network has. In parts, so that this file may stand in the tree.
const MACHINES: &[(&str, &str)] = &[
    (concat!("index.", "crates.io"), REGISTRY),
    (concat!("static.", "crates.io"), REGISTRY),
    (concat!("registry.", "npmjs.org"), REGISTRY),
    (concat!("pypi.org", "/simple"), REGISTRY),
    (concat!("deb.", "debian.org"), REGISTRY),
    (concat!("/ro", "ot/"), PATH),
    (concat!("/wo", "rk/"), PATH),
    (concat!("/ho", "me/"), PATH),
];

const REGISTRY: &str = "the machine's own settings say which registry is asked: remove it";
const PATH: &str = "no other machine has this folder: use a path from the root of the repository";

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let tests = house.test_files();
    for (path, source) in house.rust("") {
        for (stub, instead) in STUBS {
            let lines = source.lines_with(stub).into_iter();
            complaints.extend(lines.map(|line| at(path, line, format!("`{stub}`: {instead}"))));
        }
        for function in source
            .functions()
            .iter()
            .filter(|function| function.is_ignored())
        {
            let says = format!(
                "the test `{}` is ignored: make it run or remove it",
                function.name
            );
            complaints.push(Complaint::new(path, says));
        }
        let tests = if tests.contains(path) {
            source
        } else {
            source.only_tests()
        };
        complaints.extend(sleeps(path, &tests));
    }
    for (path, text) in &house.files {
        for (number, line) in text.lines().enumerate() {
            for (word, instead) in MACHINES.iter().filter(|(word, _)| line.contains(word)) {
                complaints.push(at(path, number + 1, format!("`{word}`: {instead}")));
            }
        }
    }
    complaints
}

fn sleeps(path: &str, tests: &Source) -> Vec<Complaint> {
    let says =
        "a test that sleeps is slow or flaky: wait for what it waits for, or hand it the time";
    let lines = tests.lines_with("thread::sleep").into_iter();
    lines.map(|line| at(path, line, says.to_owned())).collect()
}

fn at(path: &str, line: usize, says: String) -> Complaint {
    Complaint::new(format!("{path}:{line}"), says)
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let found = check(&house(Vec::new(), &[(path, text)]));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn stubs_ignored_tests_and_sleeping_tests_are_found() {
        let found = complaints(
            "crates/a/tests/walk.rs",
            "#[test]\n#[ignore = \"slow\"]\nfn f() {\n    todo!();\n    thread::sleep(x);\n}",
        );
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("crates/a/tests/walk.rs:4: `todo!`"),
            "{found:?}"
        );
        assert!(found[1].contains("the test `f` is ignored"), "{found:?}");
        assert!(
            found[2].starts_with("crates/a/tests/walk.rs:5: a test that sleeps"),
            "{found:?}"
        );
    }

    #[test]
    fn a_driver_may_sleep_and_prose_may_name_a_stub() {
        let code =
            "//! No todo!\nfn wait() { thread::sleep(x) }\n#[cfg(test)]\nmod tests { fn f() {} }";
        assert_eq!(complaints("crates/a/src/lib.rs", code), [""; 0]);
        let code = "#[cfg(test)]\nmod tests { fn f() { std::thread::sleep(x) } }";
        assert_eq!(complaints("crates/a/src/lib.rs", code).len(), 1);
    }

    #[test]
    fn one_machines_names_are_found_in_any_file() {
        for (word, _) in MACHINES {
            let found = complaints("notes.md", &format!("fine\nsee {word}x\n"));
            assert!(
                found.len() == 1 && found[0].starts_with("notes.md:2: "),
                "{found:?}"
            );
        }
        assert_eq!(
            complaints("notes.md", "see crates.io and /usr/bin"),
            [""; 0]
        );
    }
}
