//! What every crate has: a README that is its documentation, a CHANGELOG, and the two lints that are not negotiable.

use super::{Complaint, House};

/// What stands at the head of each `src/lib.rs`, alone in its attribute or in a `cfg_attr`.
const HEAD: &[&str] = &[
    "doc = include_str!(\"../README.md\")",
    "forbid(unsafe_code)",
    "deny(missing_docs)",
];

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for package in house.crates() {
        let folder = &package.folder;
        let readme = format!("{folder}/README.md");
        if house.file(&readme).is_none() {
            let says = "is missing: write what the crate is for, a short compiled example, its features and dependencies";
            complaints.push(Complaint::new(readme, says));
        }
        let changelog = format!("{folder}/CHANGELOG.md");
        let unreleased = |text: &str| text.lines().any(|line| line.trim_end() == "## Unreleased");
        if !house.file(&changelog).is_some_and(unreleased) {
            let says = "has no `## Unreleased`: add it, with one sentence a user can see the meaning of per bullet";
            complaints.push(Complaint::new(changelog, says));
        }
        let lib = format!("{folder}/src/lib.rs");
        let text = house.file(&lib).unwrap_or_default();
        let attributes: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("#!["))
            .collect();
        for wanted in HEAD {
            if !attributes
                .iter()
                .any(|attribute| attribute.contains(wanted))
            {
                let says = format!("lacks `#![{wanted}]`: add it at the head");
                complaints.push(Complaint::new(&lib, says));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    const LIB: &str = "#![cfg_attr(feature = \"derive\", doc = include_str!(\"../README.md\"))]\n#![forbid(unsafe_code)]\n#![deny(missing_docs)]\n";

    #[test]
    fn a_crate_with_everything_is_fine() {
        let files = [
            ("crates/a/README.md", "# a"),
            ("crates/a/CHANGELOG.md", "# Changelog\n\n## Unreleased\n"),
            ("crates/a/src/lib.rs", LIB),
        ];
        assert_eq!(check(&house(vec![package("a", &[], &[])], &files)), []);
    }

    #[test]
    fn each_thing_that_is_missing_is_told() {
        let files = [
            ("crates/a/CHANGELOG.md", "# Changelog"),
            ("crates/a/src/lib.rs", "// #![forbid(unsafe_code)]"),
        ];
        let found = check(&house(vec![package("a", &[], &[])], &files));
        let at: Vec<&str> = found
            .iter()
            .map(|complaint| complaint.at.as_str())
            .collect();
        let lib = "crates/a/src/lib.rs";
        assert_eq!(
            at,
            ["crates/a/README.md", "crates/a/CHANGELOG.md", lib, lib, lib]
        );
    }
}
