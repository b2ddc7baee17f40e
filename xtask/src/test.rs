//! `cargo xtask test`: every check there is, each a step with a name. A step that cannot run fails.

use std::time::{Duration, Instant};

use crate::api;
use crate::browser;
use crate::command;
use crate::release::{check, proof};
use crate::tidy;
use crate::tools;
use crate::torture;
use crate::workspace::Workspace;

mod provider;
mod stores;
mod wasm;

/// One check.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    run: fn(&Workspace) -> Result<(), String>,
}

/// All of them, the quick ones first.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "tidy",
        does: "the house's own rules (xtask/src/tidy)",
        run: tidy::check,
    },
    Step {
        name: "format",
        does: "cargo fmt finds nothing to do",
        run: format,
    },
    Step {
        name: "lint",
        does: "clippy on every target with every feature, warnings denied",
        run: lint,
    },
    Step {
        name: "docs",
        does: "the documentation as docs.rs builds it, with every feature, warnings denied",
        run: docs,
    },
    Step {
        name: "tests",
        does: "all tests of all members together",
        run: tests,
    },
    Step {
        name: "api",
        does: "each public API is as its listing has it, and features only add (cargo xtask api)",
        run: api::check,
    },
    Step {
        name: "alone",
        does: "each crate alone, from its package and with each of its features alone: clippy and tests",
        run: check::alone,
    },
    Step {
        name: "minimal",
        does: "the crates with the oldest versions that their manifests allow, and with the oldest Rust",
        run: check::minimal,
    },
    Step {
        name: "provider",
        does: "the facade, the program and the relying party against a certified provider (npm: oidc-provider)",
        run: provider::check,
    },
    Step {
        name: "stores",
        does: "the stores on servers against private ones (Debian: redis-server, postgresql)",
        run: stores::check,
    },
    Step {
        name: "browser",
        does: "logins in a real browser (Debian: chromium, chromium-driver)",
        run: browser::check,
    },
    Step {
        name: "wasm",
        does: "what needs no operating system, and the browser's fetch, on wasm32-unknown-unknown in Node.js and Chromium (Debian: rustc-web, clang)",
        run: wasm::check,
    },
    Step {
        name: "torture",
        does: "processes that are killed, stopped and cut off (cargo xtask torture --short)",
        run: torture::check,
    },
    Step {
        name: "release",
        does: "releases from a copy of the repository to a registry on loopback (cargo xtask release proof --short)",
        run: proof::check,
    },
    Step {
        name: "deny",
        does: "licences, bans and sources of what we depend on (deny.toml)",
        run: deny,
    },
];

/// Runs the named steps, all of them where none is named; every one even after another failed.
pub(crate) fn run(names: &[&str]) -> Result<(), String> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!(
            "no step is called `{unknown}`: there are {}",
            known.join(", ")
        ));
    }
    let workspace = Workspace::load()?;
    let begun = Instant::now();
    let mut results = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| names.is_empty() || names.contains(&step.name))
    {
        println!("\n== {}: {}", step.name, step.does);
        let begun = Instant::now();
        let result = (step.run)(&workspace);
        let took = begun.elapsed();
        match &result {
            Ok(()) => println!("== {} ok, {}", step.name, seconds(took)),
            Err(message) => {
                println!("{message}");
                println!(
                    "== {} FAILED, {}: `cargo xtask test {}` runs it again",
                    step.name,
                    seconds(took),
                    step.name
                );
            }
        }
        results.push((step.name, took, result));
    }
    summary(&results, begun.elapsed())
}

fn summary(results: &[(&str, Duration, Result<(), String>)], took: Duration) -> Result<(), String> {
    println!("\n== Summary, {}", seconds(took));
    for (name, took, result) in results {
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        println!("  {name:<9} {verdict:<6} {:>9}", seconds(*took));
    }
    let failed: Vec<&str> = results
        .iter()
        .filter(|(.., result)| result.is_err())
        .map(|(name, ..)| *name)
        .collect();
    println!(
        "\n{} passed, {} failed",
        results.len() - failed.len(),
        failed.len()
    );
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(format!("failed: {}", failed.join(", "))),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn format(workspace: &Workspace) -> Result<(), String> {
    tools::component(workspace, "rustfmt", "fmt")?;
    command::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
        .map_err(|error| format!("{error}: run `cargo fmt`"))
}

fn lint(workspace: &Workspace) -> Result<(), String> {
    tools::component(workspace, "clippy", "clippy")?;
    let every = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ];
    command::run(&mut workspace.cargo(&every))
}

fn docs(workspace: &Workspace) -> Result<(), String> {
    let mut cargo = workspace.cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    check::as_docs_rs(&mut cargo)?;
    command::run(&mut cargo)
}

fn tests(workspace: &Workspace) -> Result<(), String> {
    command::run(&mut workspace.cargo(&["test", "--workspace"]))
}

fn deny(workspace: &Workspace) -> Result<(), String> {
    let mut deny = tools::cargo_deny(workspace)?;
    deny.args([
        "--workspace",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    command::run(deny.current_dir(&workspace.root))
}

#[cfg(test)]
mod tests_of_this {
    use super::*;

    #[test]
    fn a_step_that_does_not_exist_is_told_with_those_that_do() {
        let error = run(&["tidy", "tide"]).unwrap_err();
        assert!(
            error.starts_with("no step is called `tide`: there are tidy, format, "),
            "{error}"
        );
    }

    #[test]
    fn one_failed_step_fails_the_whole_and_is_named() {
        let took = Duration::from_millis(1);
        assert_eq!(summary(&[("tidy", took, Ok(()))], took), Ok(()));
        let results = [("tidy", took, Ok(())), ("deny", took, Err("no".to_owned()))];
        assert_eq!(summary(&results, took), Err("failed: deny".to_owned()));
    }
}
