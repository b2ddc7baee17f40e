//! The sans-IO crates know no clock, socket, file, environment, thread or random source. Each has a `clippy.toml` that
//! bans calls; this rule also sees imports and dependencies.

use super::{Complaint, House};
use crate::source::Source;
use crate::workspace::Kind;

/// The crates, and what one may have all the same.
const CRATES: &[(&str, &[&str])] = &[
    ("hallpass-scope", &[]),
    ("hallpass-json", &[]),
    ("hallpass-token", &[]),
    ("hallpass-grant", &[]),
    // `ring::rand`: the randomness of a signature is its library's business.
    ("hallpass-jose", &["rand"]),
    ("hallpass-oidc", &[]),
];

/// What may not stand in their code, and who has it instead.
const PATHS: &[(&str, &str)] = &[
    (
        "std::net",
        "sockets are the driver's (addresses alone are in `core::net`)",
    ),
    (
        "std::os",
        "the operating system is the driver's: take what you need as an argument",
    ),
    (
        "std::fs",
        "files are the store's: take bytes as an argument",
    ),
    (
        "std::env",
        "the environment is the facade's: take its value as an argument",
    ),
    (
        "std::process",
        "processes are the program's: take what you need as an argument",
    ),
    (
        "std::thread",
        "threads are the driver's: be a value that can be sent to one",
    ),
    ("SystemTime::now", "time is an argument: take `now`"),
    ("Instant::now", "time is an argument: take `now`"),
    ("UtcDateTime::now", "time is an argument: take `now`"),
    ("OffsetDateTime::now_utc", "time is an argument: take `now`"),
    (
        "OffsetDateTime::now_local",
        "time is an argument: take `now`",
    ),
    (
        "getrandom",
        "randomness is an argument: take it from the trait that can fail",
    ),
    (
        "rand",
        "randomness is an argument: take it from the trait that can fail",
    ),
    (
        "tokio",
        "there is no runtime here: be a conversation that any loop can step",
    ),
];

/// What may not stand in their `[dependencies]` either, over what is a path above.
const DEPENDENCIES: &[&str] = &[
    "async-std",
    "chrono",
    "fastrand",
    "futures",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rustix",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "ureq",
    "uuid",
    "web-time",
];

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let tests = house.test_files();
    for package in house.crates() {
        let Some((_, may)) = CRATES.iter().find(|(name, _)| *name == package.name) else {
            continue;
        };
        let banned = |name: &str| DEPENDENCIES.contains(&name);
        let needs = package
            .dependencies
            .iter()
            .filter(|needs| needs.kind == Kind::Normal);
        for needs in needs.filter(|needs| banned(&needs.name)) {
            let says = format!(
                "`{}` brings I/O, a clock or a random source into a sans-IO crate: move what needs it to hallpass-http or the facade",
                needs.name
            );
            complaints.push(Complaint::new(
                format!("{}/Cargo.toml", package.folder),
                says,
            ));
        }
        let ban = format!("{}/clippy.toml", package.folder);
        if house.file(&ban).is_none() {
            let says = "is missing: copy the one of another sans-IO crate, it bans clocks and random sources by type";
            complaints.push(Complaint::new(ban, says));
        }
        let src = format!("{}/src", package.folder);
        for (path, source) in house.rust(&src).filter(|(path, _)| !tests.contains(path)) {
            complaints.extend(banned_paths(path, &source.without_tests(), may));
        }
    }
    complaints
}

fn banned_paths(path: &str, source: &Source, may: &[&str]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (banned, instead) in PATHS.iter().filter(|(banned, _)| !may.contains(banned)) {
        // A lone crate's name may be anybody's variable; before `::` it is the crate.
        let lone = format!("{banned}::");
        let needle = if banned.contains("::") {
            banned
        } else {
            lone.as_str()
        };
        for line in source.lines_with(needle) {
            complaints.push(Complaint::new(
                format!("{path}:{line}"),
                format!("`{banned}` in a sans-IO crate: {instead}"),
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    const BAN: (&str, &str) = ("crates/hallpass-grant/clippy.toml", "");

    fn complaints(needs: &[&str], code: &str) -> Vec<String> {
        let packages = vec![package("hallpass-grant", needs, &["tokio", "getrandom"])];
        let found = check(&house(
            packages,
            &[BAN, ("crates/hallpass-grant/src/lib.rs", code)],
        ));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pure_code_is_fine_whatever_its_prose_and_its_tests_say() {
        let code = "//! Knows no std::net.\nuse std::{fmt, time::Duration};\nlet rand = \"std::fs\";\n\
                    #[cfg(test)]\nmod tests { use std::fs; use std::thread; }\n";
        assert_eq!(complaints(&["serde"], code), [""; 0]);
    }

    #[test]
    fn every_banned_path_is_found_with_its_line() {
        for (banned, _) in PATHS {
            let found = complaints(&[], &format!("fn f() {{\n    {banned}::x();\n}}"));
            let start = format!("crates/hallpass-grant/src/lib.rs:2: `{banned}`");
            assert!(
                found.len() == 1 && found[0].starts_with(&start),
                "{banned}: {found:?}"
            );
        }
        let found = complaints(&[], "use std::{io, net::{TcpStream}};");
        assert!(
            found[0].starts_with("crates/hallpass-grant/src/lib.rs:1: `std::net`"),
            "{found:?}"
        );
    }

    #[test]
    fn what_one_crate_may_have_is_still_banned_in_the_others() {
        let code = Source::new("use ring::rand::SystemRandom;\nuse std::fs::File;");
        let lines = |may| {
            let found = banned_paths("lib.rs", &code, may);
            found.into_iter().map(|c| c.at).collect::<Vec<_>>()
        };
        assert_eq!(lines(&["rand"]), ["lib.rs:2"]);
        assert_eq!(lines(&[]), ["lib.rs:2", "lib.rs:1"]);
    }

    #[test]
    fn a_dependency_that_brings_a_random_source_is_found() {
        let found = complaints(&["getrandom", "serde"], "");
        assert!(
            found.len() == 1 && found[0].contains("`getrandom` brings I/O"),
            "{found:?}"
        );
    }

    #[test]
    fn a_crate_without_the_clippy_ban_is_told() {
        let house = house(vec![package("hallpass-scope", &[], &[])], &[]);
        assert!(
            check(&house)[0]
                .says
                .starts_with("is missing: copy the one of")
        );
    }
}
