//! What the registry has, by the worker `xtask/registry`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use semver::{Version, VersionReq};
use serde_json::Value;

use super::plan::{Published, Registry};
use crate::command;
use crate::workspace::Workspace;

/// A registry by its name in cargo's configuration; cargo's own where it has none.
pub(super) struct Asking<'a> {
    workspace: &'a Workspace,
    pub(super) name: Option<&'a str>,
    program: PathBuf,
}

impl<'a> Asking<'a> {
    /// Compiles what asks.
    pub(super) fn of(
        workspace: &'a Workspace,
        name: Option<&'a str>,
    ) -> Result<Asking<'a>, String> {
        command::run(&mut workspace.cargo(&["build", "--quiet", "--package", "registry"]))?;
        let program = workspace.target.join("debug").join("registry");
        Ok(Asking {
            workspace,
            name,
            program,
        })
    }

    /// All versions of all our crates.
    pub(super) fn versions(&self) -> Result<Registry, String> {
        let crates = self.workspace.crates().map(|package| package.name.as_str());
        let answer = self.ask("versions", &crates.collect::<Vec<_>>())?;
        let answer: Value = serde_json::from_slice(&answer)
            .map_err(|error| format!("the registry's answer is not JSON: {error}"))?;
        read(&answer).ok_or_else(|| "the registry's index has what cannot be read".to_owned())
    }

    /// The commit that a published version was packaged from, as cargo wrote it into the package.
    pub(super) fn commit(&self, name: &str, version: &Version) -> Result<String, String> {
        let told = |what: &dyn std::fmt::Display| format!("{name} {version}: {what}");
        let package = self.ask("download", &[name, &version.to_string()])?;
        let folder = self.workspace.target.join("release");
        let file = folder.join(format!("{name}-{version}.crate"));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, package))
            .map_err(|error| told(&error))?;
        let mut tar = Command::new("tar");
        tar.args(["-x", "-z", "-O", "-f"])
            .arg(&file)
            .arg(format!("{name}-{version}/.cargo_vcs_info.json"));
        let output = tar.output().map_err(|error| told(&error))?;
        let info: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| told(&"its package does not say which commit it is"))?;
        if info["git"]["dirty"].as_bool() == Some(true) {
            return Err(told(
                &"was published from a work tree that was not committed: no commit is what it was",
            ));
        }
        let commit = info["git"]["sha1"].as_str();
        commit
            .map(str::to_owned)
            .ok_or_else(|| told(&"its package names no commit"))
    }

    fn ask(&self, what: &str, words: &[&str]) -> Result<Vec<u8>, String> {
        let mut asking = Command::new(&self.program);
        asking.arg(what).current_dir(&self.workspace.root);
        if let Some(name) = self.name {
            asking.args(["--registry", name]);
        }
        let output = asking
            .args(words)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("the registry cannot be asked: {error}"))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(format!("the registry cannot be asked: {}", said.trim_end()))
            }
        }
    }
}

fn read(answer: &Value) -> Option<Registry> {
    let crates = answer.as_object()?.iter().map(|(name, versions)| {
        let versions = versions.as_array()?.iter().map(|version| {
            let needs = version["needs"]
                .as_object()?
                .iter()
                .map(|(need, requirement)| {
                    Some((need.clone(), VersionReq::parse(requirement.as_str()?).ok()?))
                });
            let published = Published {
                yanked: version["yanked"].as_bool()?,
                sha256: version["sha256"].as_str()?.to_owned(),
                needs: needs.collect::<Option<_>>()?,
            };
            Some((
                Version::parse(version["version"].as_str()?).ok()?,
                published,
            ))
        });
        Some((name.clone(), versions.collect::<Option<_>>()?))
    });
    Some(Registry(crates.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let answer = serde_json::json!({
            "a": [{ "version": "0.1.0", "yanked": true, "sha256": "00", "needs": { "b": "^0.1", "url": "^2" } }],
            "b": [],
        });
        let registry = read(&answer).unwrap();
        let (version, published) = registry.of("a").next().unwrap();
        assert_eq!(version.to_string(), "0.1.0");
        assert!(published.yanked);
        assert_eq!(published.needs["b"].to_string(), "^0.1");
        assert_eq!(registry.of("b").count(), 0);
        assert!(read(&serde_json::json!({ "a": [{ "version": "one" }] })).is_none());
        assert!(read(&serde_json::json!([])).is_none());
    }
}
