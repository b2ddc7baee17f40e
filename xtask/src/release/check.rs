//! `cargo xtask release check`: every crate as its users get it, built and tested from its package and from nothing else.
//!
//! Each kind of check is a file; the steps `alone` and `minimal` of `cargo xtask test` are made of the same ones.

use std::time::Instant;

use super::checked::Checking;
use crate::git::Git;
use crate::packages::{Packages, Tree};
use crate::tools;
use crate::workspace::Workspace;

mod docs;
mod features;
mod fields;
mod files;
mod minimal;
mod rust_version;

pub(crate) use self::docs::{as_docs_rs, as_rustdoc};

use self::features::Sets;
use self::fields::Manifests;
use self::rust_version::Oldest;

/// Checks the named crates, all of them where none is named; `--allow-dirty` packages what is not committed too.
pub(super) fn run(words: &[&str]) -> Result<(), String> {
    let (options, names): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.starts_with('-'));
    let tree = match options.as_slice() {
        [] => Tree::Committed,
        ["--allow-dirty"] => Tree::AsItIs,
        _ => return Err("`release check` has one option, `--allow-dirty`".to_owned()),
    };
    let workspace = Workspace::load()?;
    if let Some(unknown) = names
        .iter()
        .find(|name| workspace.crates().all(|package| package.name != **name))
    {
        return Err(format!("no crate is called `{unknown}`"));
    }
    let git = Git::of(&workspace);
    let checking = Checking::begin(&workspace, &git)?;
    let mut report = Report::default();
    let packages = packed(&workspace, tree, &mut report)?;
    crates(&workspace, &packages, &names, Sets::Powerset, &mut report)?;
    documentation(&workspace, &packages, &names, &mut report)?;
    dependencies(&workspace, &packages, &names, &mut report)?;
    report.end()?;
    match (tree, names.as_slice()) {
        (Tree::Committed, []) => checking.passed(&git),
        _ => {
            println!(
                "  for `publish` this does not count: it was not everything as it is committed"
            );
            Ok(())
        }
    }
}

/// The step `alone`: each crate from its package, without what is built only for a release.
pub(crate) fn alone(workspace: &Workspace) -> Result<(), String> {
    let mut report = Report::default();
    let packages = packed(workspace, Tree::AsItIs, &mut report)?;
    crates(workspace, &packages, &[], Sets::Pairs, &mut report)?;
    report.end()
}

/// The step `minimal`: the oldest versions that our manifests allow, and the oldest Rust.
pub(crate) fn minimal(workspace: &Workspace) -> Result<(), String> {
    let mut report = Report::default();
    let packages = packed(workspace, Tree::AsItIs, &mut report)?;
    dependencies(workspace, &packages, &[], &mut report)?;
    report.end()
}

/// What cannot be packaged has failed, and nothing more is said of it.
fn packed(workspace: &Workspace, tree: Tree, report: &mut Report) -> Result<Packages, String> {
    let mut packages = Packages::pack(workspace, tree)?;
    for (name, error) in packages.failed.drain(..) {
        report.time(&name, "package", || Err(error));
    }
    Ok(packages)
}

fn crates(
    workspace: &Workspace,
    packages: &Packages,
    names: &[&str],
    sets: Sets,
    report: &mut Report,
) -> Result<(), String> {
    tools::component(workspace, "clippy", "clippy")?;
    let manifests = Manifests::load(workspace)?;
    for package in workspace
        .crates()
        .filter(|package| is_chosen(names, &package.name))
    {
        report.time(&package.name, "fields", || manifests.check(&package.name));
    }
    for packed in packages
        .crates
        .iter()
        .filter(|packed| is_chosen(names, &packed.package.name))
    {
        let name = &packed.package.name;
        report.time(name, "package", || files::check(workspace, packed));
        features::check(packages, packed, sets, report);
    }
    Ok(())
}

/// From the packages and with what each manifest names. The step `docs` builds those of the tree in one go.
fn documentation(
    workspace: &Workspace,
    packages: &Packages,
    names: &[&str],
    report: &mut Report,
) -> Result<(), String> {
    let manifests = Manifests::load(workspace)?;
    for packed in &packages.crates {
        let name = &packed.package.name;
        if is_chosen(names, name) {
            report.time(name, "docs", || docs::check(packages, packed, &manifests));
        }
    }
    Ok(())
}

fn dependencies(
    workspace: &Workspace,
    packages: &Packages,
    names: &[&str],
    report: &mut Report,
) -> Result<(), String> {
    let oldest = Oldest::find(workspace)?;
    minimal::check(workspace, packages, names, &oldest, report)?;
    oldest.check(packages, report);
    Ok(())
}

/// All of them are where none is named.
fn is_chosen(names: &[&str], name: &str) -> bool {
    names.is_empty() || names.contains(&name)
}

/// What was checked: a line for each as it is done, and what failed once more at the end.
#[derive(Debug, Default)]
struct Report {
    passed: usize,
    failed: Vec<String>,
}

impl Report {
    /// Does a check of a crate, and tells what came of it.
    fn time(&mut self, name: &str, check: &str, run: impl FnOnce() -> Result<String, String>) {
        let begun = Instant::now();
        let outcome = run();
        let took = format!("{:.1} s", begun.elapsed().as_secs_f64());
        match outcome {
            Ok(says) => {
                println!("  {name} {check}: {says}, {took}");
                self.passed += 1;
            }
            Err(error) => {
                println!("{error}\n  {name} {check}: FAILED, {took}");
                self.failed.push(format!("{name} {check}"));
            }
        }
    }

    fn end(self) -> Result<(), String> {
        println!(
            "  {} checks passed, {} failed",
            self.passed,
            self.failed.len()
        );
        match self.failed.as_slice() {
            [] => Ok(()),
            failed => Err(format!("failed:\n  {}", failed.join("\n  "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_check_hides_no_other_and_fails_the_whole() {
        let mut report = Report::default();
        report.time("a", "fields", || Err("no licence".to_owned()));
        report.time("b", "fields", || Ok("fine".to_owned()));
        assert_eq!((report.passed, report.failed.len()), (1, 1));
        assert_eq!(report.end(), Err("failed:\n  a fields".to_owned()));
    }
}
