//! How far a public API has moved between two listings of it.
//!
//! A listing tells what can be named and how, so that this much is seen: a line that is gone is breaking, a line that came is an
//! addition, but for a variant of an enum that others match and for an auto trait that is lost. What stands in no line is not seen: a
//! method without a default that came to a trait others implement, a field to a struct others write out, and all that is behaviour.
//! Of the first two `since` asks cargo-semver-checks; the last is for the tests and the changelog.

use std::collections::BTreeSet;
use std::fmt;

/// How far, and so the least bump of a version: none or a patch, a patch before 1.0 and a minor after, a minor before 1.0 and a major
/// after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    None,
    Additions,
    Breaking,
}

/// What has moved, a line for each thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApiChange {
    pub(crate) breaking: Vec<String>,
    pub(crate) additions: Vec<String>,
}

impl ApiChange {
    /// From the lines of one listing to those of another. Their order does not matter.
    pub(crate) fn between(old: &str, new: &str) -> Self {
        let (old, new) = (lines(old), lines(new));
        let gone: Vec<&str> = old.difference(&new).copied().collect();
        let came: Vec<&str> = new.difference(&old).copied().collect();
        let mut change = Self::default();
        for line in &gone {
            let is_more = more_than(line).any(|more| came.contains(&more.as_str()));
            let side = match is_more || denied(line).is_some() {
                true => &mut change.additions,
                false => &mut change.breaking,
            };
            side.push(format!("- {line}"));
        }
        for line in &came {
            let is_lost = denied(line).is_some_and(|path| names(&old, path));
            let side = match is_lost || is_matched(&old, line) {
                true => &mut change.breaking,
                false => &mut change.additions,
            };
            side.push(format!("+ {line}"));
        }
        change
    }

    /// The farthest of all.
    pub(crate) fn change(&self) -> Change {
        match (self.breaking.is_empty(), self.additions.is_empty()) {
            (false, _) => Change::Breaking,
            (true, false) => Change::Additions,
            (true, true) => Change::None,
        }
    }

    /// Why: what breaks comes first.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &str> {
        let all = self.breaking.iter().chain(&self.additions);
        all.map(String::as_str)
    }

    /// What both have found.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.breaking.extend(other.breaking);
        self.additions.extend(other.additions);
        self
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::None => "none",
            Change::Additions => "additions",
            Change::Breaking => "breaking",
        })
    }
}

/// The lines that say something.
fn lines(listing: &str) -> BTreeSet<&str> {
    let lines = listing.lines().map(str::trim_end);
    lines.filter(|line| !line.is_empty()).collect()
}

/// What a line may become without harm to anybody: a function that is `const` now, a type that others may now match or write out.
fn more_than(line: &str) -> impl Iterator<Item = String> {
    let constant = line.replacen("pub fn ", "pub const fn ", 1);
    let exhaustive = line.replacen("#[non_exhaustive] ", "", 1);
    [constant, exhaustive].into_iter()
}

/// The type in a line that says what a type is *not*, `impl !core::marker::Send for a::Type`: all others are.
fn denied(line: &str) -> Option<&str> {
    let (head, path) = line.split_once(" for ")?;
    let negative = head.starts_with("impl") && head.contains(" !");
    negative.then(|| path.split(['<', ' ']).next().unwrap_or(path))
}

/// Whether that type has been there before.
fn names(lines: &BTreeSet<&str>, path: &str) -> bool {
    let is_end = |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let names_it = |line: &str| {
        let mut places = line.match_indices(path);
        places.any(|(place, _)| is_end(&line[place + path.len()..]))
    };
    lines.iter().any(|line| names_it(line))
}

/// Whether the line is a variant of an enum, or a field of a variant, that others may have matched to the last one.
fn is_matched(old: &BTreeSet<&str>, line: &str) -> bool {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let until = |text: &str| text.find(|c| !is_path(c)).unwrap_or(text.len());
    let Some(path) = line.strip_prefix("pub ").map(|line| &line[..until(line)]) else {
        return false;
    };
    let Some((parent, _)) = path.trim_end_matches(':').rsplit_once("::") else {
        return false;
    };
    let defines = |known: &&str| {
        let path = known
            .strip_prefix("pub enum ")
            .or_else(|| known.strip_prefix("pub "));
        path.is_some_and(|path| &path[..until(path)] == parent)
    };
    old.iter().any(defines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(old: &[&str], new: &[&str]) -> Change {
        ApiChange::between(&old.join("\n"), &new.join("\n")).change()
    }

    #[test]
    fn what_is_gone_breaks_and_what_came_adds() {
        let (open, shut) = ("pub fn a::Door::open(&self)", "pub fn a::Door::shut(&self)");
        for (old, new, change) in [
            (&[open][..], &[open][..], Change::None),
            (&[open, shut], &[shut, open, ""], Change::None),
            (&[open], &[open, shut], Change::Additions),
            (&[], &[open], Change::Additions),
            (&[open, shut], &[open], Change::Breaking),
            (&[open], &[shut], Change::Breaking),
            (
                &[open],
                &["pub fn a::Door::open(&self, bool)"],
                Change::Breaking,
            ),
            (&["feature tls"], &[], Change::Breaking),
            (
                &["impl core::clone::Clone for a::Door"],
                &[],
                Change::Breaking,
            ),
        ] {
            assert_eq!(between(old, new), change, "{old:?} to {new:?}");
        }
    }

    #[test]
    fn a_function_that_is_const_now_and_a_type_that_is_exhaustive_now_are_more_than_before() {
        for (old, new) in [
            ("pub fn a::open()", "pub const fn a::open()"),
            ("#[non_exhaustive] pub enum a::Way", "pub enum a::Way"),
        ] {
            assert_eq!(between(&[old], &[new]), Change::Additions, "{old}");
            assert_eq!(between(&[new], &[old]), Change::Breaking, "{new}");
        }
    }

    #[test]
    fn a_variant_breaks_whoever_matches_them_all() {
        let (way, out) = ("pub enum a::Way<T>", "pub a::Way::Out(T)");
        assert_eq!(between(&[way], &[way, out]), Change::Breaking);
        let shut = "pub a::Way::Shut";
        let by = "pub a::Way::Shut::by: a::Door";
        assert_eq!(between(&[way, shut], &[way, shut, by]), Change::Breaking);
        assert_eq!(between(&[], &[way, shut, by]), Change::Additions);
        let open = "#[non_exhaustive] pub enum a::Way<T>";
        assert_eq!(between(&[open], &[open, out]), Change::Additions);
        let (door, width) = ("pub struct a::Door", "pub a::Door::width: u32");
        assert_eq!(between(&[door], &[door, width]), Change::Additions);
        let (module, function) = ("pub mod a::way", "pub fn a::way::out()");
        assert_eq!(between(&[module], &[module, function]), Change::Additions);
    }

    #[test]
    fn a_type_that_loses_send_breaks_and_one_that_never_had_it_does_not() {
        let door = "pub struct a::Door";
        let not_send = "impl !core::marker::Send for a::Door";
        assert_eq!(between(&[door], &[door, not_send]), Change::Breaking);
        assert_eq!(between(&[door, not_send], &[door]), Change::Additions);
        assert_eq!(between(&[], &[door, not_send]), Change::Additions);
        let other = "pub struct a::Doorway";
        assert_eq!(
            between(&[other], &[other, door, not_send]),
            Change::Additions
        );
        let generic = "impl<T> !core::marker::Send for a::Door<T>";
        assert_eq!(
            between(
                &["pub struct a::Door<T>"],
                &["pub struct a::Door<T>", generic]
            ),
            Change::Breaking
        );
    }

    #[test]
    fn every_reason_is_told_and_the_breaking_ones_first() {
        let change = ApiChange::between("pub fn a::c()", "pub fn a::a()\npub fn a::b()");
        assert_eq!(
            change.reasons().collect::<Vec<_>>(),
            ["- pub fn a::c()", "+ pub fn a::a()", "+ pub fn a::b()"]
        );
    }

    #[test]
    fn of_two_findings_the_farther_wins() {
        let none = ApiChange::between("", "");
        let adds = ApiChange::between("", "+");
        let breaks = ApiChange::between("-", "");
        assert_eq!(none.clone().and(none.clone()).change(), Change::None);
        assert_eq!(none.and(adds.clone()).change(), Change::Additions);
        let both = adds.and(breaks);
        assert_eq!(both.change(), Change::Breaking);
        assert_eq!(both.reasons().collect::<Vec<_>>(), ["- -", "+ +"]);
    }
}
