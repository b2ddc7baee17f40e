//! A file past 400 lines is telling of a missing noun. Tests do not count.

use super::{Complaint, House};

const LINES: usize = 400;

/// Files that are longer, each with the reason why it is still one noun.
const ALLOWED: &[(&str, &str)] = &[(
    "crates/hallpass-session/src/transaction.rs",
    "every transition of the refresh transaction in one place, to be read beside its rules",
)];

pub(super) fn check(house: &House) -> Vec<Complaint> {
    against(house, ALLOWED)
}

fn against(house: &House, allowed: &[(&str, &str)]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let tests = house.test_files();
    let allows = |path: &str| allowed.iter().any(|(known, _)| *known == path);
    let mut long = Vec::new();
    for package in house.crates() {
        let src = format!("{}/src", package.folder);
        for (path, source) in house.rust(&src).filter(|(path, _)| !tests.contains(path)) {
            let lines = source.code().lines().count() - source.test_lines();
            if lines <= LINES {
                continue;
            }
            long.push(path);
            if !allows(path) {
                let says = format!(
                    "has {lines} lines, {LINES} is the limit: find the noun that wants a file of its own, or list this one \
                     with a reason in xtask/src/tidy/length.rs"
                );
                complaints.push(Complaint::new(path, says));
            }
        }
    }
    for (path, _) in allowed.iter().filter(|(path, _)| !long.contains(path)) {
        complaints.push(Complaint::new(
            *path,
            "is not longer than others any more: take it off the list in xtask/src/tidy/length.rs",
        ));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    const PATH: &str = "crates/a/src/noun.rs";

    fn of(code: &str, allowed: &[(&str, &str)]) -> Vec<Complaint> {
        against(
            &house(vec![package("a", &[], &[])], &[(PATH, code)]),
            allowed,
        )
    }

    #[test]
    fn the_limit_is_exact_and_tests_do_not_count() {
        let full = "x\n".repeat(LINES);
        assert_eq!(of(&full, &[]), []);
        assert_eq!(
            of(&format!("{full}#[cfg(test)]\nmod tests {{\n}}\n"), &[]),
            []
        );
        assert!(
            of(&format!("{full}x\n"), &[])[0]
                .says
                .starts_with("has 401 lines")
        );
    }

    #[test]
    fn a_reason_allows_more_until_it_is_not_needed() {
        let allowed = [(PATH, "one table")];
        assert_eq!(of(&"x\n".repeat(LINES + 1), &allowed), []);
        assert!(
            of("x\n", &allowed)[0]
                .says
                .starts_with("is not longer than others any more")
        );
    }
}
