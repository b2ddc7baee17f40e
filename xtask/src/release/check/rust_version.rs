//! The oldest Rust that our manifests name. Where rustup has it, all crates are compiled with it; what can be known without it is
//! looked at everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::process::Command;

use semver::Version;
use serde_json::Value;

use super::Report;
use super::fields::{self, list};
use crate::command;
use crate::packages::Packages;
use crate::workspace::Workspace;

/// That Rust, or what there is in its place.
pub(super) enum Oldest {
    Installed(String),
    /// Not to be had here.
    Missing(String),
}

impl Oldest {
    /// Asks rustup for it.
    pub(super) fn find(workspace: &Workspace) -> Result<Oldest, String> {
        let version = oldest(workspace)?;
        Ok(match is_there(&version) {
            true => Oldest::Installed(version),
            false => Oldest::Missing(version),
        })
    }

    fn version(&self) -> &str {
        match self {
            Oldest::Installed(version) | Oldest::Missing(version) => version,
        }
    }

    /// Its cargo, where it is there, or else ours.
    pub(super) fn cargo(&self, packages: &Packages, arguments: &[&str]) -> Command {
        let ours = packages.cargo(arguments);
        let Oldest::Installed(version) = self else {
            return ours;
        };
        let mut rustup = Command::new("rustup");
        rustup.args(["run", version, "cargo"]).args(ours.get_args());
        for (name, value) in ours.get_envs() {
            match value {
                Some(value) => rustup.env(name, value),
                None => rustup.env_remove(name),
            };
        }
        rustup
    }

    /// What was done to know that it compiles our crates, and that every dependency says so too.
    pub(super) fn check(&self, packages: &Packages, report: &mut Report) {
        report.time("all", "rust-version", || {
            let metadata = fields::metadata(packages.cargo(&["metadata", "--format-version=1", "--all-features"]))?;
            let says = dependencies(&metadata, self.version())?;
            Ok(match self {
                Oldest::Installed(version) => format!("Rust {version} is what compiled the crates above; {says}"),
                Oldest::Missing(version) => format!(
                    "NOT compiled with Rust {version}, which rustup does not have here: clippy's `incompatible_msrv`, denied by `lint`, stands in for it; {says}"
                ),
            })
        });
    }
}

impl fmt::Display for Oldest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oldest::Installed(version) => write!(f, "Rust {version}"),
            Oldest::Missing(_) => f.write_str("the Rust at hand"),
        }
    }
}

/// As the root manifest says it, and every crate takes it from there.
fn oldest(workspace: &Workspace) -> Result<String, String> {
    let text = fs::read_to_string(workspace.root.join("Cargo.toml"))
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let manifest: toml::Table = text
        .parse()
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let version = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("package"));
    let version = version.and_then(|package| package.get("rust-version")?.as_str());
    version
        .map(str::to_owned)
        .ok_or_else(|| "Cargo.toml has no `rust-version` under [workspace.package]".to_owned())
}

/// Installed, or installed now.
fn is_there(version: &str) -> bool {
    let rustup = |arguments: &[&str]| {
        let mut rustup = Command::new("rustup");
        command::run_quietly(rustup.args(arguments).env("RUSTUP_MAX_RETRIES", "0")).is_ok()
    };
    let works = || rustup(&["run", version, "rustc", "--version"]);
    works()
        || rustup(&[
            "toolchain",
            "install",
            version,
            "--profile",
            "minimal",
            "--no-self-update",
        ]) && works()
}

/// What users of our crates compile says that it builds with the oldest Rust, as far as it says anything.
fn dependencies(metadata: &Value, oldest: &str) -> Result<String, String> {
    let limit = version(oldest).ok_or_else(|| format!("`{oldest}` is no version"))?;
    let compiled = compiled(metadata);
    let (mut newer, mut silent) = (Vec::new(), 0);
    for package in list(&metadata["packages"]) {
        let Some(id) = package["id"].as_str().filter(|id| compiled.contains(id)) else {
            continue;
        };
        match package["rust_version"]
            .as_str()
            .map(|says| (says, version(says)))
        {
            None => silent += 1,
            Some((_, Some(needs))) if needs <= limit => {}
            Some((says, _)) => {
                newer.push(format!("{id} needs Rust {says}, our crates say {oldest}"))
            }
        }
    }
    match newer.is_empty() {
        true => Ok(format!(
            "{} crates that users compile need {oldest} or an older one; {silent} of them do not say",
            compiled.len()
        )),
        false => Err(newer.join("\n")),
    }
}

/// The members, and all that they need but for their tests, on every platform.
fn compiled(metadata: &Value) -> BTreeSet<&str> {
    let nodes = list(&metadata["resolve"]["nodes"]);
    let nodes: BTreeMap<&str, &Value> = nodes
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut waiting: Vec<&str> = list(&metadata["workspace_members"])
        .filter_map(Value::as_str)
        .collect();
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            let needs = nodes
                .get(id)
                .into_iter()
                .flat_map(|node| list(&node["deps"]));
            let needs =
                needs.filter(|needed| list(&needed["dep_kinds"]).any(|kind| kind["kind"] != "dev"));
            waiting.extend(needs.filter_map(|needed| needed["pkg"].as_str()));
        }
    }
    found
}

/// A rust-version may leave its last number out.
fn version(text: &str) -> Option<Version> {
    let dots = text.matches('.').count();
    let whole = format!("{text}{}", ".0".repeat(2_usize.saturating_sub(dots)));
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_dependency_that_needs_a_newer_rust_is_told_and_one_of_tests_is_not() {
        let needs = |id: &str, kind: Value| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let metadata = |newer: &str| {
            json!({
                "workspace_members": ["ours"],
                "packages": [
                    { "id": "ours", "rust_version": "1.89" },
                    { "id": "old", "rust_version": "1.63.0" },
                    { "id": "silent", "rust_version": null },
                    { "id": "of-tests", "rust_version": "1.95" },
                    { "id": "deep", "rust_version": newer },
                ],
                "resolve": { "nodes": [
                    { "id": "ours", "deps": [needs("old", json!(null)), needs("silent", json!("build")), needs("of-tests", json!("dev"))] },
                    { "id": "old", "deps": [needs("deep", json!(null))] },
                ] },
            })
        };
        let says = "4 crates that users compile need 1.89 or an older one; 1 of them do not say";
        assert_eq!(
            dependencies(&metadata("1.89.0"), "1.89"),
            Ok(says.to_owned())
        );
        let error = dependencies(&metadata("1.89.1"), "1.89").unwrap_err();
        assert_eq!(error, "deep needs Rust 1.89.1, our crates say 1.89");
    }
}
