//! Reads what the plan has to know of the work tree.

use std::collections::BTreeSet;
use std::fs;

use semver::Version;

use super::bump::Change;
use super::changelog;
use super::manifest;
use super::plan::{self, Crate, Registry, Tags, Tree};
use super::tags;
use crate::api::{self, By};
use crate::git::Git;
use crate::workspace::{Package, Workspace};

const ROOT: &str = "Cargo.toml";

/// Reads every crate, and measures what has changed against its last release.
pub(super) fn read(
    workspace: &Workspace,
    git: &Git,
    tags: &Tags,
    registry: &Registry,
    by: By,
) -> Result<Tree, String> {
    let packages = workspace.in_order()?;
    let ours: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut crates = Vec::new();
    for package in packages {
        let file = |name: &str| {
            let path = workspace.root.join(&package.folder).join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let version = Version::parse(&package.version)
            .map_err(|error| format!("{}: {}: {error}", package.name, package.version))?;
        let notes = file("CHANGELOG.md")?;
        // A crate that is no library has no listing, and shows nothing of others.
        let listing = file(api::FILE).unwrap_or_default();
        let needs = package.needs().filter(|need| ours.contains(need));
        let needs: BTreeSet<String> = needs.map(str::to_owned).collect();
        let (change, reasons) = match plan::baseline(tags, registry, &package.name) {
            Some(last) => changed(
                workspace,
                git,
                package,
                &ours,
                &tags::name(&package.name, last),
                by,
            )?,
            None => (Change::Nothing, Vec::new()),
        };
        crates.push(Crate {
            name: package.name.clone(),
            shows: needs
                .iter()
                .filter(|need| names(&listing, need))
                .cloned()
                .collect(),
            needs,
            unreleased: changelog::unreleased(&notes),
            has_notes: changelog::has_notes(&notes, &version),
            version,
            change,
            reasons,
        });
    }
    Ok(Tree { crates })
}

/// Whether a public API has paths that begin with a crate.
fn names(listing: &str, crate_: &str) -> bool {
    let path = format!("{}::", crate_.replace('-', "_"));
    let mut found = listing.match_indices(&path);
    let is_part = |at: usize| {
        let before = listing
            .get(..at)
            .and_then(|before| before.chars().next_back());
        before.is_some_and(|before| before.is_alphanumeric() || before == '_')
    };
    found.any(|(at, _)| !is_part(at))
}

fn changed(
    workspace: &Workspace,
    git: &Git,
    package: &Package,
    ours: &BTreeSet<&str>,
    tag: &str,
    by: By,
) -> Result<(Change, Vec<String>), String> {
    if !git.has_in_its_history(tag) {
        return Err(format!(
            "{tag} is not in the history of what is checked out here: `git pull` first, or the release would lack what that one had"
        ));
    }
    let files = git.changed(tag, &package.folder)?;
    let mut seen = files
        .iter()
        .filter(|path| users_have(&package.folder, path));
    let first = seen.next();
    let mut reasons = Vec::new();
    if first.is_none() {
        let read = |path: &str| {
            let path = workspace.root.join(path);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let manifest = read(&format!("{}/{ROOT}", package.folder))?;
        let is_ours = |name: &str| ours.contains(name);
        if !manifest::inherits_other(&manifest, &git.file(tag, ROOT)?, &read(ROOT)?, is_ours)? {
            return Ok((Change::Nothing, reasons));
        }
        reasons.push("what it inherits of the workspace's Cargo.toml is another".to_owned());
    }
    let found = api::change_since(workspace, package, tag, by)?;
    let change = match found.change() {
        api::Change::None => Change::Inner,
        api::Change::Additions => Change::Addition,
        api::Change::Breaking => Change::Breaking,
    };
    reasons.extend(found.reasons().map(str::to_owned));
    if let Some(first) = first.filter(|_| reasons.is_empty()) {
        let more = match seen.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        reasons.push(format!("{first} is another{more}"));
    }
    Ok((change, reasons))
}

/// Whether a file is more than a means of ours to make the crate.
fn users_have(folder: &str, path: &str) -> bool {
    let path = path
        .strip_prefix(folder)
        .unwrap_or(path)
        .trim_start_matches('/');
    let folders = ["tests/", "benches/"];
    path != "CHANGELOG.md"
        && path != api::FILE
        && !folders.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_the_crates_whose_paths_it_has() {
        let listing = "pub fn hallpass_grant::read(hallpass_token::Secret) -> u8\n";
        assert!(names(listing, "hallpass-token"));
        assert!(!names(listing, "hallpass"));
        assert!(!names("pub fn my_hallpass_token::read()", "hallpass-token"));
        assert!(!names("", "hallpass-token"));
    }

    #[test]
    fn tests_and_the_changelog_are_not_what_users_have() {
        let has = |path: &str| users_have("crates/a", path);
        for path in [
            "src/lib.rs",
            "README.md",
            "Cargo.toml",
            "src/tests/mod.rs",
            "LICENSE-MIT",
        ] {
            assert!(has(&format!("crates/a/{path}")), "{path}");
        }
        for path in [
            "tests/all.rs",
            "benches/Cargo.lock",
            "CHANGELOG.md",
            "api.txt",
        ] {
            assert!(!has(&format!("crates/a/{path}")), "{path}");
        }
    }
}
