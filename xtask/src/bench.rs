//! `cargo xtask bench`: what things cost. Each bench is a package in the `benches` folder of its crate, outside the workspace, so that
//! no test waits for what only it needs.

use std::path::PathBuf;

use crate::command;
use crate::workspace::Workspace;

mod file_store;
mod grant;
mod session;
mod verification;

/// One bench: what it is called, what it measures, and how. An error of it names each goal that is missed.
struct Bench {
    name: &'static str,
    does: &'static str,
    run: fn(&Workspace) -> Result<(), String>,
}

const BENCHES: &[Bench] = &[
    Bench {
        name: "grant",
        does: "instructions of a login, beside the crate oauth2",
        run: grant::run,
    },
    Bench {
        name: "file-store",
        does: "saving one session of few and of many, beside the floor",
        run: file_store::run,
    },
    Bench {
        name: "session",
        does: "a token that is at hand, beside the crates huskarl and yup-oauth2",
        run: session::run,
    },
    Bench {
        name: "verification",
        does: "verifying a token, beside the raw library and jsonwebtoken",
        run: verification::run,
    },
];

/// Runs the named benches, or all; all of them run though one misses its goal.
pub(crate) fn run(names: &[&str]) -> Result<(), String> {
    let benches = chosen(names)?;
    let workspace = Workspace::load()?;
    let mut missed = Vec::new();
    for bench in benches {
        println!("\n{}: {}", bench.name, bench.does);
        if let Err(error) = (bench.run)(&workspace) {
            missed.push(format!("{}: {error}", bench.name));
        }
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(missed.join("\n")),
    }
}

fn chosen(names: &[&str]) -> Result<Vec<&'static Bench>, String> {
    if names.is_empty() {
        return Ok(BENCHES.iter().collect());
    }
    let find = |name: &&str| {
        let found = BENCHES.iter().find(|bench| bench.name == *name);
        found.ok_or_else(|| {
            let known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
            format!("no bench is called `{name}`: {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// Builds what the manifest says as an application would be built, and returns the folder of its programs.
fn programs(workspace: &Workspace, manifest: &str) -> Result<PathBuf, String> {
    let target = workspace.target.join("bench");
    let mut build = workspace.cargo(&[
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        manifest,
    ]);
    command::run(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release"))
}

/// `12345` as `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_bench_has_is_told_with_those_there_are() {
        assert_eq!(chosen(&[]).unwrap().len(), BENCHES.len());
        assert_eq!(chosen(&["file-store"]).unwrap()[0].name, "file-store");
        let error = chosen(&["grant", "grants"]).map(|_| ()).unwrap_err();
        assert!(error.contains("`grants`: grant, file-store"), "{error}");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(8_000), "8,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
