//! The oldest versions that our manifests allow: each direct dependency at its lowest, what those need in turn as the tree's lock file
//! has it where that fits, every feature on, and nothing of what only tests need. The oldest Rust compiles them where it is there.
//!
//! A crate is built together with those of ours that it needs, once: with a crate that stands on it, where there is one.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Report;
use super::fields::{self, Manifests};
use super::rust_version::Oldest;
use crate::command;
use crate::packages::{Packages, Packed};
use crate::workspace::{Kind, Workspace};

/// Builds the crates with those versions.
pub(super) fn check(
    workspace: &Workspace,
    packages: &Packages,
    names: &[&str],
    oldest: &Oldest,
    report: &mut Report,
) -> Result<(), String> {
    let manifests = Manifests::load(workspace)?;
    let mut told = BTreeSet::new();
    // The last ones stand on those before them.
    for packed in packages.crates.iter().rev() {
        let name = &packed.package.name;
        if told.contains(name.as_str()) || !super::is_chosen(names, name) {
            continue;
        }
        let with = needed_by(packed, &packages.crates);
        told.extend(with.iter().map(|packed| packed.package.name.as_str()));
        report.time(name, "lowest versions", || {
            let folder = workspace.target.join("minimal").join(name);
            let together: Vec<&str> = with.iter().map(|packed| packed.package.name.as_str()).collect();
            manifests.requirements_agree(&together)?;
            let lowered = lower(workspace, packages, &with, &folder)?;
            let everything = ["check", "--quiet", "--locked", "--workspace", "--all-features"];
            let mut check = oldest.cargo(packages, &everything);
            command::run_quietly(check.current_dir(&folder))
                .map_err(|error| format!("{error}\nraise what `{name}` requires to the oldest version that works"))?;
            let others = with.len() - 1;
            Ok(format!("{lowered} direct dependencies, builds with {oldest} and all features, {others} of ours with it"))
        });
    }
    Ok(())
}

/// The crate itself, and those of ours that its users compile with it.
fn needed_by<'a>(packed: &'a Packed, all: &'a [Packed]) -> Vec<&'a Packed> {
    let mut found: Vec<&Packed> = vec![packed];
    let mut next = 0;
    while let Some(packed) = found.get(next) {
        let needs = packed
            .package
            .dependencies
            .iter()
            .filter(|needed| needed.kind == Kind::Normal);
        let needs: BTreeSet<&str> = needs.map(|needed| needed.name.as_str()).collect();
        let known: BTreeSet<&str> = found
            .iter()
            .map(|packed| packed.package.name.as_str())
            .collect();
        let new = all.iter().filter(|other| {
            let name = other.package.name.as_str();
            needs.contains(name) && !known.contains(name)
        });
        found.extend(new);
        next += 1;
    }
    found
}

/// Makes a workspace of the crates in which each direct dependency has its lowest version; returns how many those are.
fn lower(
    workspace: &Workspace,
    packages: &Packages,
    crates: &[&Packed],
    folder: &Path,
) -> Result<usize, String> {
    for packed in crates {
        packed.copy_without_tests(&folder.join(&packed.package.name))?;
    }
    crate::packages::write_workspace(workspace, crates, folder)?;
    let mut metadata = packages.cargo(&["metadata", "--format-version=1", "--all-features"]);
    metadata.current_dir(folder);
    let metadata = fields::metadata(metadata)?;
    let direct = direct(&metadata);
    let mut update = packages.cargo(&["update", "--quiet", "-Zdirect-minimal-versions"]);
    update.args(&direct).env("RUSTC_BOOTSTRAP", "1");
    command::run_quietly(update.current_dir(folder))?;
    Ok(direct.len())
}

/// The foreign crates that the members name, each with the version that the lock file has.
fn direct(metadata: &Value) -> BTreeSet<&str> {
    let members: BTreeSet<&str> = fields::texts(&metadata["workspace_members"])
        .into_iter()
        .collect();
    let nodes = fields::list(&metadata["resolve"]["nodes"]);
    let ours = nodes.filter(|node| node["id"].as_str().is_some_and(|id| members.contains(id)));
    let needed = ours.flat_map(|node| fields::list(&node["deps"]));
    let needed = needed.filter_map(|needed| needed["pkg"].as_str());
    // What stands after the source is as cargo's commands take it: `name@version`.
    let foreign = needed.filter(|id| !members.contains(id));
    foreign
        .filter_map(|id| Some(id.rsplit_once('#')?.1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_members_name_is_lowered_and_nothing_else() {
        let metadata = json!({
            "workspace_members": ["ours", "other"],
            "resolve": { "nodes": [
                { "id": "ours", "deps": [{ "pkg": "other" }, { "pkg": "registry#a@1.2.3" }] },
                { "id": "registry#a@1.2.3", "deps": [{ "pkg": "registry#deep@1.0.0" }] },
            ] },
        });
        assert_eq!(direct(&metadata), ["a@1.2.3"].into());
    }
}
