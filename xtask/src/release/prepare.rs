//! `cargo xtask release prepare`: new versions, in the manifests and in whatever else names them, and the changelogs' new
//! sections. Changes files and nothing else: a person looks at them and commits them.

use std::collections::BTreeMap;
use std::fs;

use semver::Version;
use time::OffsetDateTime;

use super::bump::Wish;
use super::changelog;
use super::manifest;
use super::mention;
use super::plan::{Asked, Bump, Plan, State};
use crate::command;
use crate::git::Git;
use crate::workspace::Workspace;

/// `CRATE`, `CRATE=LEVEL` or `CRATE=VERSION`.
pub(super) fn asked(words: &[&str]) -> Result<Vec<Asked>, String> {
    let asked = words.iter().map(|word| {
        let (name, wish) = match word.split_once('=') {
            Some((name, wish)) => (name, Some(Wish::read(wish)?)),
            None => (*word, None),
        };
        let name = name.to_owned();
        Ok(Asked { name, wish })
    });
    let asked: Vec<Asked> = asked.collect::<Result<_, String>>()?;
    let mut names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(format!("{} is named twice", twice[0])),
        None => Ok(asked),
    }
}

/// Writes the new versions.
pub(super) fn run(
    workspace: &Workspace,
    git: &Git,
    plan: &Plan,
    asked: &[Asked],
) -> Result<(), String> {
    let bumps = plan.prepare(asked)?;
    git.must_be_clean()?;
    let day = OffsetDateTime::now_utc().date().to_string();
    for bump in &bumps {
        prepare(workspace, plan, bump, &day)?;
        let Bump {
            name,
            from,
            to,
            why,
            ..
        } = bump;
        match from == to {
            true => println!("{name} {to}: {why}"),
            false => println!("{name} {from} -> {to}: {why}"),
        }
    }
    let versions: BTreeMap<&str, &Version> = bumps
        .iter()
        .map(|bump| (bump.name.as_str(), &bump.to))
        .collect();
    rewrite(workspace, "Cargo.toml", |text| {
        manifest::with_dependencies(text, &versions)
    })?;
    for path in git.files("*.md")? {
        // A changelog says what was true.
        if !path.ends_with("CHANGELOG.md") {
            rewrite(workspace, &path, |text| Ok(mention::renewed(text, &bumps)))?;
        }
    }
    for lock in git.files("*Cargo.lock")? {
        let manifest = lock.replace("Cargo.lock", "Cargo.toml");
        let mut update = workspace.cargo(&["update", "--workspace", "--quiet"]);
        command::run_quietly(update.args(["--manifest-path", &manifest]))?;
    }
    println!("\nnext: look at it (git diff), commit it, then cargo xtask release check");
    Ok(())
}

fn prepare(workspace: &Workspace, plan: &Plan, bump: &Bump, day: &str) -> Result<(), String> {
    let package = workspace
        .crates()
        .find(|package| package.name == bump.name)
        .ok_or_else(|| format!("{} is not in the workspace", bump.name))?;
    // Prepared once, and by now too small: nobody will ever have it.
    let withdrawn: Vec<Version> = plan
        .find(&bump.name)
        .filter(|planned| planned.state == State::Prepared)
        .map(|planned| planned.tree.version.clone())
        .into_iter()
        .collect();
    rewrite(
        workspace,
        &format!("{}/Cargo.toml", package.folder),
        |text| manifest::with_version(text, &bump.to),
    )?;
    rewrite(
        workspace,
        &format!("{}/CHANGELOG.md", package.folder),
        |text| {
            Ok(changelog::moved(
                text, &bump.to, day, &bump.says, &withdrawn,
            ))
        },
    )
}

/// Writes a file of the tree anew, where that changes it.
fn rewrite(
    workspace: &Workspace,
    path: &str,
    new: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), String> {
    let file = workspace.root.join(path);
    let told = |error: &dyn std::fmt::Display| format!("{path}: {error}");
    let old = fs::read_to_string(&file).map_err(|error| told(&error))?;
    let new = new(&old).map_err(|error| told(&error))?;
    match new == old {
        true => Ok(()),
        false => fs::write(&file, new).map_err(|error| told(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_asked_for_by_name_with_a_level_or_a_version_or_neither() {
        let asked = asked(&["a", "b=minor", "c=1.0.0"]).unwrap();
        let wishes: Vec<bool> = asked.iter().map(|asked| asked.wish.is_some()).collect();
        assert_eq!(wishes, [false, true, true]);
        assert!(
            super::asked(&["a=more"])
                .unwrap_err()
                .starts_with("`more` is neither")
        );
    }
}
