//! Each crate alone: clippy without features, with its default ones, with all, and with each feature alone; tests with the first three, for
//! a feature that builds alone differs from all of them by nothing that a test sees. Alone, because in a build of the whole workspace
//! one crate's dependencies switch features on for another.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

use crate::command;
use crate::tools;
use crate::workspace::{Package, Workspace};

/// Features whose tests need a server that another step starts, and that step. They are compiled by `lint` and `docs`.
pub(super) const NEED_A_SERVER: &[(&str, &str)] = &[
    ("real-postgres", "stores"),
    ("real-provider", "provider"),
    ("real-redis", "stores"),
];

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    tools::component(workspace, "clippy", "clippy")?;
    let mut failures = Vec::new();
    for package in workspace.crates() {
        for set in feature_sets(package) {
            let begun = Instant::now();
            let outcome = set.check(workspace, package);
            let took = super::seconds(begun.elapsed());
            match outcome {
                Ok(outcome) => println!("  {} with {}: {outcome}, {took}", package.name, set.name),
                Err(error) => {
                    println!(
                        "{error}\n  {} with {}: FAILED, {took}",
                        package.name, set.name
                    );
                    failures.push(format!("{} with {}", package.name, set.name));
                }
            }
        }
    }
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(failures.join("\n")),
    }
}

/// One way to build a crate.
#[derive(Debug, PartialEq, Eq)]
struct FeatureSet {
    name: String,
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
    let has_server = |name: &str| NEED_A_SERVER.iter().any(|(feature, _)| *feature == name);
    let names = package
        .features
        .keys()
        .filter(|name| *name != "default" && !has_server(name));
    let names: Vec<String> = names.cloned().collect();
    let only = |features: &str| {
        vec![
            "--no-default-features".to_owned(),
            format!("--features={features}"),
        ]
    };
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
    sets.map(|(place, (name, _, arguments))| FeatureSet {
        name,
        arguments,
        check: match place < tested {
            true => Check::ClippyAndTests,
            false => Check::Clippy,
        },
    })
    .collect()
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
    fn check(&self, workspace: &Workspace, package: &Package) -> Result<String, String> {
        let mut clippy = self.cargo(workspace, package, "clippy");
        command::run_quietly(clippy.args(["--", "-D", "warnings"]))?;
        match self.check {
            Check::Clippy => Ok("no warnings".to_owned()),
            Check::ClippyAndTests => {
                let mut test = self.cargo(workspace, package, "test");
                let output = command::run_quietly(&mut test)?;
                Ok(format!("no warnings, {} tests passed", passed(&output)))
            }
        }
    }

    fn cargo(&self, workspace: &Workspace, package: &Package, command: &str) -> Command {
        let mut cargo = workspace.cargo(&[command]);
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

    fn names(features: &[(&str, &[&str])]) -> Vec<String> {
        let features = features.iter().map(|(name, on)| {
            let on = on.iter().map(|on| (*on).to_owned());
            ((*name).to_owned(), on.collect())
        });
        let package = Package {
            features: features.collect(),
            ..Package::default()
        };
        feature_sets(&package)
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
            assert!(super::super::STEPS.iter().any(|known| known.name == *step));
        }
    }

    #[test]
    fn the_closing_lines_are_added_up() {
        let output = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed;\n\ntest result: ok. 3 passed; 0 failed;\n";
        assert_eq!(passed(output), 5);
    }
}
