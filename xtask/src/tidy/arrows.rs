//! The arrows between our crates are those that ARCHITECTURE.md lists, in a block fenced as `arrows`:
//!
//! ```text
//! hallpass-grant -> hallpass-scope hallpass-token
//! hallpass-token ~> hallpass-scope-derive
//! ```
//!
//! `->` is an arrow that users of the crate compile, `~>` one that only its tests need. The test kit needs no `~>`.

use std::collections::BTreeSet;

use super::{Complaint, House};
use crate::workspace::Kind;

const PAGE: &str = "ARCHITECTURE.md";
const TEST_KIT: &str = "hallpass-testkit";

type Arrow = (String, Kind, String);

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let Some(page) = house.file(PAGE) else {
        return vec![Complaint::new(
            PAGE,
            "is missing: write it, with a block fenced as ```arrows",
        )];
    };
    let (listed, mut complaints) = match read(page) {
        Some(read) => read,
        None => {
            let says = "has no block fenced as ```arrows: add one with a line `crate -> crates it needs` for each crate";
            return vec![Complaint::new(PAGE, says)];
        }
    };
    let drawn = drawn(house);
    for arrow in drawn.difference(&listed) {
        let (from, kind, to) = arrow;
        if *kind == Kind::Dev && (to == TEST_KIT || listed.contains(&normal(arrow))) {
            continue;
        }
        let says = format!(
            "the arrow {} is not in {PAGE}: remove the dependency, or, if the house should have it, add it there and say why",
            shown(arrow)
        );
        complaints.push(Complaint::new(format!("crates/{from}/Cargo.toml"), says));
    }
    for arrow in listed.difference(&drawn) {
        let tests = (arrow.0.clone(), Kind::Dev, arrow.2.clone());
        let says = if arrow.1 == Kind::Normal && drawn.contains(&tests) {
            format!(
                "lists {}, but only the tests need it: write {}",
                shown(arrow),
                shown(&tests)
            )
        } else {
            format!(
                "lists {}, which no Cargo.toml has: remove it from the list",
                shown(arrow)
            )
        };
        complaints.push(Complaint::new(PAGE, says));
    }
    complaints
}

fn normal((from, _, to): &Arrow) -> Arrow {
    (from.clone(), Kind::Normal, to.clone())
}

fn shown((from, kind, to): &Arrow) -> String {
    let sign = match kind {
        Kind::Normal => "->",
        Kind::Dev => "~>",
    };
    format!("`{from} {sign} {to}`")
}

fn drawn(house: &House) -> BTreeSet<Arrow> {
    let names: BTreeSet<&str> = house
        .crates()
        .map(|package| package.name.as_str())
        .collect();
    let mut arrows = BTreeSet::new();
    for package in house.crates() {
        for dependency in &package.dependencies {
            if names.contains(dependency.name.as_str()) && dependency.name != package.name {
                arrows.insert((
                    package.name.clone(),
                    dependency.kind,
                    dependency.name.clone(),
                ));
            }
        }
    }
    arrows
}

fn read(page: &str) -> Option<(BTreeSet<Arrow>, Vec<Complaint>)> {
    let (mut arrows, mut complaints) = (BTreeSet::new(), Vec::new());
    let mut lines = page.lines().enumerate();
    lines.find(|(_, line)| line.trim() == "```arrows")?;
    for (number, line) in lines.take_while(|(_, line)| line.trim() != "```") {
        let parts = line.split_once("->").map(|parts| (Kind::Normal, parts));
        let parts = parts.or_else(|| line.split_once("~>").map(|parts| (Kind::Dev, parts)));
        match parts {
            Some((kind, (from, to))) => {
                let to = to.split_whitespace();
                arrows.extend(to.map(|to| (from.trim().to_owned(), kind, to.to_owned())));
            }
            None if line.trim().is_empty() => {}
            None => {
                let at = format!("{PAGE}:{}", number + 1);
                complaints.push(Complaint::new(
                    at,
                    "is no arrow: write `crate -> crates` or `crate ~> crates`",
                ));
            }
        }
    }
    Some((arrows, complaints))
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    fn complaints(page: &str) -> Vec<String> {
        let packages = vec![
            package("hallpass-scope", &[], &[]),
            package(
                "hallpass-token",
                &["hallpass-scope", "serde"],
                &["hallpass-testkit"],
            ),
            package("hallpass-grant", &["hallpass-token"], &["hallpass-scope"]),
            package("hallpass-testkit", &[], &[]),
        ];
        let found = check(&house(packages, &[(PAGE, page)]));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_arrow_that_is_listed_and_drawn_is_fine() {
        let page = "# House\n```arrows\nhallpass-scope ->\nhallpass-token -> hallpass-scope\n\nhallpass-grant -> hallpass-token\nhallpass-grant ~> hallpass-scope\n```\n";
        assert_eq!(complaints(page), [""; 0]);
    }

    #[test]
    fn an_arrow_that_is_not_listed_says_where_it_goes() {
        let found = complaints(
            "```arrows\nhallpass-token -> hallpass-scope\nhallpass-grant -> hallpass-token\n```",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/hallpass-grant/Cargo.toml: the arrow `hallpass-grant ~> hallpass-scope` is not in"), "{found:?}");
    }

    #[test]
    fn a_listed_arrow_that_nothing_draws_is_removed() {
        let found = complaints(
            "```arrows\nhallpass-token -> hallpass-scope hallpass-grant\nhallpass-grant -> hallpass-token\nhallpass-grant -> hallpass-scope\n```",
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].contains("only the tests need it: write `hallpass-grant ~> hallpass-scope`"),
            "{found:?}"
        );
        assert!(
            found[1].contains("lists `hallpass-token -> hallpass-grant`, which no Cargo.toml has"),
            "{found:?}"
        );
    }

    #[test]
    fn a_page_without_the_list_and_a_line_that_is_no_arrow_are_told() {
        assert!(complaints("# House")[0].contains("no block fenced as ```arrows"));
        let found = complaints("```arrows\nhallpass-token hallpass-scope\n```");
        assert!(
            found
                .iter()
                .any(|says| says.starts_with("ARCHITECTURE.md:2: is no arrow")),
            "{found:?}"
        );
    }
}
