//! Each crate alone: clippy without features, with its default ones, with all, with each feature alone and with sets of several; tests
//! with the first three, for a feature that builds alone differs from all of them by nothing that a test sees. Alone, because in a build
//! of the whole workspace one crate's dependencies switch features on for another.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::Report;
use crate::command;
use crate::packages::unpack;
use crate::packages::{Packages, Packed};
use crate::workspace::Package;

/// Features whose tests need a server that another step starts, and that step. They are compiled by `lint` and `docs`.
const NEED_A_SERVER: &[(&str, &str)] = &[
    ("real-postgres", "stores"),
    ("real-provider", "provider"),
    ("real-redis", "stores"),
];

/// Which sets of several features are built. Of all features that a crate has, those are combined that its own code asks for: the rest
/// only switch something on in another crate, where it is built in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sets {
    /// Two at a time; what `cargo xtask test` has the time for.
    Pairs,
    /// Every set there is.
    Powerset,
}

/// Lints, tests and builds one crate.
pub(super) fn check(packages: &Packages, packed: &Packed, sets: Sets, report: &mut Report) {
    let package = &packed.package;
    let alone = feature_sets(package);
    for set in &alone {
        let check = format!("with {}", set.name);
        report.time(&package.name, &check, || set.check(packages, package));
    }
    let asked = match asked_for(package, &packed.folder) {
        Ok(asked) => asked,
        Err(error) => return report.time(&package.name, "features", || Err(error)),
    };
    let more = combined(package, &asked, sets, &alone);
    if !more.is_empty() {
        report.time(&package.name, "with several features", || {
            build(packages, package, &more)?;
            let which = match sets {
                Sets::Pairs => "every pair",
                Sets::Powerset => "every set",
            };
            let (sets, asked) = (more.len(), asked.len());
            Ok(format!(
                "{sets} more sets without warnings: {which} of the {asked} that its code asks for"
            ))
        });
    }
}

/// All of them, even after one failed.
fn build(packages: &Packages, package: &Package, sets: &[FeatureSet]) -> Result<(), String> {
    let results = sets.iter().map(|set| set.check(packages, package));
    let failures: Vec<String> = results.filter_map(Result::err).collect();
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(failures.join("\n")),
    }
}

/// The features that stand in a condition somewhere in the crate's own code.
fn asked_for(package: &Package, folder: &Path) -> Result<Vec<String>, String> {
    let sources = folder.join("src");
    let mut asked = BTreeSet::new();
    for path in unpack::files(&sources)? {
        let code = fs::read_to_string(sources.join(&path)).unwrap_or_default();
        let names = names(package).filter(|name| code.contains(&format!("feature = \"{name}\"")));
        asked.extend(names.cloned());
    }
    Ok(asked.into_iter().collect())
}

/// The sets of several features that switch on what no other set does.
fn combined(
    package: &Package,
    asked: &[String],
    sets: Sets,
    alone: &[FeatureSet],
) -> Vec<FeatureSet> {
    let mut seen: BTreeSet<BTreeSet<String>> = alone
        .iter()
        .map(|set| switched_on(package, &set.features))
        .collect();
    let mut found = Vec::new();
    let subsets = 1_u32.checked_shl(asked.len() as u32).unwrap_or(u32::MAX);
    for chosen in 0..subsets {
        let is_wanted = match sets {
            Sets::Pairs => chosen.count_ones() == 2,
            Sets::Powerset => chosen.count_ones() > 1,
        };
        let features = asked
            .iter()
            .enumerate()
            .filter(|(place, _)| chosen >> place & 1 == 1);
        let features: Vec<String> = features.map(|(_, name)| name.clone()).collect();
        if is_wanted && seen.insert(switched_on(package, &features)) {
            found.push(FeatureSet {
                name: format!("`{}`", features.join(",")),
                arguments: only(&features.join(",")),
                features,
                check: Check::Clippy,
            });
        }
    }
    found
}

/// One way to build a crate.
#[derive(Debug, PartialEq, Eq)]
struct FeatureSet {
    name: String,
    features: Vec<String>,
    /// What selects it on cargo's command line.
    arguments: Vec<String>,
    check: Check,
}

/// What is done with a crate that is built in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    Clippy,
    ClippyAndTests,
}

/// Those that differ in what they switch on.
fn feature_sets(package: &Package) -> Vec<FeatureSet> {
    let names: Vec<String> = names(package).cloned().collect();
    let mut sets = vec![
        ("no features".to_owned(), Vec::new(), only("")),
        (
            "its default features".to_owned(),
            vec!["default".to_owned()],
            Vec::new(),
        ),
        (
            "all features".to_owned(),
            names.clone(),
            only(&names.join(",")),
        ),
    ];
    let tested = sets.len();
    for name in &names {
        sets.push((format!("`{name}` alone"), vec![name.clone()], only(name)));
    }
    let mut seen = BTreeSet::new();
    let sets = sets.into_iter().enumerate();
    let sets = sets.filter(|(_, (_, features, _))| seen.insert(switched_on(package, features)));
    sets.map(|(place, (name, features, arguments))| FeatureSet {
        name,
        features,
        arguments,
        check: match place < tested {
            true => Check::ClippyAndTests,
            false => Check::Clippy,
        },
    })
    .collect()
}

/// Its features, without `default` and those that need a server.
fn names(package: &Package) -> impl Iterator<Item = &String> {
    let has_server = |name: &str| NEED_A_SERVER.iter().any(|(feature, _)| *feature == name);
    let names = package.features.keys();
    names.filter(move |name| *name != "default" && !has_server(name))
}

fn only(features: &str) -> Vec<String> {
    vec![
        "--no-default-features".to_owned(),
        format!("--features={features}"),
    ]
}

/// The features themselves, what they name, and what that names in turn.
fn switched_on(package: &Package, features: &[String]) -> BTreeSet<String> {
    let mut on = BTreeSet::new();
    let mut waiting = features.to_vec();
    while let Some(name) = waiting.pop() {
        if on.insert(name.clone()) {
            waiting.extend(package.features.get(&name).into_iter().flatten().cloned());
        }
    }
    on.remove("default");
    on
}

impl FeatureSet {
    /// Clippy sees the crate as its users build it, the tests add what only they need. Returns what there is to say.
    fn check(&self, packages: &Packages, package: &Package) -> Result<String, String> {
        let mut clippy = self.cargo(packages, package, "clippy");
        command::run_quietly(clippy.args(["--", "-D", "warnings"]))?;
        match self.check {
            Check::Clippy => Ok("no warnings".to_owned()),
            Check::ClippyAndTests => {
                let mut test = self.cargo(packages, package, "test");
                let output = command::run_quietly(&mut test)?;
                Ok(format!("no warnings, {} tests passed", passed(&output)))
            }
        }
    }

    fn cargo(&self, packages: &Packages, package: &Package, command: &str) -> Command {
        let mut cargo = packages.cargo(&[command]);
        cargo
            .args(["--quiet", "--package", &package.name])
            .args(&self.arguments);
        cargo
    }
}

/// The sum over the runners' closing lines, `test result: ok. 12 passed; 0 failed; …`.
fn passed(output: &str) -> usize {
    let lines = output
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. "));
    lines
        .filter_map(|line| line.split(' ').next()?.parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::with_features;

    fn names(features: &[(&str, &[&str])]) -> Vec<String> {
        feature_sets(&with_features(features))
            .into_iter()
            .map(|set| set.name)
            .collect()
    }

    #[test]
    fn a_crate_without_features_is_built_once() {
        assert_eq!(names(&[]), ["no features"]);
        assert_eq!(names(&[("default", &[])]), ["no features"]);
    }

    #[test]
    fn each_feature_is_built_alone_and_equal_sets_once() {
        let two: &[(&str, &[&str])] = &[
            ("default", &["http", "url"]),
            ("http", &["dep:http"]),
            ("url", &[]),
        ];
        assert_eq!(
            names(two),
            [
                "no features",
                "its default features",
                "`http` alone",
                "`url` alone"
            ]
        );
        let more: &[(&str, &[&str])] = &[
            ("default", &["url"]),
            ("http", &["url"]),
            ("tls", &[]),
            ("url", &[]),
        ];
        assert_eq!(
            names(more),
            [
                "no features",
                "its default features",
                "all features",
                "`http` alone",
                "`tls` alone"
            ]
        );
    }

    #[test]
    fn a_feature_alone_is_not_tested_again() {
        let package = Package {
            features: ["a", "b"].map(|name| (name.to_owned(), Vec::new())).into(),
            ..Package::default()
        };
        let checks = feature_sets(&package).into_iter().map(|set| set.check);
        let (tests, clippy) = (Check::ClippyAndTests, Check::Clippy);
        assert_eq!(checks.collect::<Vec<_>>(), [tests, tests, clippy, clippy]);
    }

    #[test]
    fn sets_of_several_features_are_built_once_and_only_of_those_that_the_code_asks_for() {
        let package = with_features(&[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &[]),
            ("d", &[]),
            ("forwarded", &[]),
        ]);
        let asked = ["a", "b", "c", "d"].map(str::to_owned);
        let several = |sets| -> Vec<String> {
            let found = combined(&package, &asked, sets, &feature_sets(&package));
            found.into_iter().map(|set| set.name).collect()
        };
        assert_eq!(
            several(Sets::Pairs),
            ["`a,c`", "`b,c`", "`a,d`", "`b,d`", "`c,d`"]
        );
        assert_eq!(
            several(Sets::Powerset),
            [
                "`a,c`", "`b,c`", "`a,d`", "`b,d`", "`c,d`", "`a,c,d`", "`b,c,d`"
            ]
        );
    }

    #[test]
    fn features_that_name_each_other_come_to_an_end() {
        assert_eq!(
            names(&[("a", &["b"]), ("b", &["a"])]),
            ["no features", "all features"]
        );
    }

    #[test]
    fn a_feature_whose_tests_need_a_server_is_left_to_that_step() {
        assert_eq!(names(&[("real-provider", &[])]), ["no features"]);
        for (_, step) in NEED_A_SERVER {
            assert!(crate::test::STEPS.iter().any(|known| known.name == *step));
        }
    }

    #[test]
    fn the_closing_lines_are_added_up() {
        let output = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed;\n\ntest result: ok. 3 passed; 0 failed;\n";
        assert_eq!(passed(output), 5);
    }
}
