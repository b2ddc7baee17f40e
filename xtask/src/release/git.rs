//! The repository, as git tells of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use semver::Version;

use super::plan::Tags;
use crate::command;
use crate::workspace::Workspace;

/// The git of one work tree.
pub(super) struct Git {
    root: PathBuf,
}

impl Git {
    pub(super) fn of(workspace: &Workspace) -> Git {
        let root = workspace.root.clone();
        Git { root }
    }

    /// The tags that name releases.
    pub(super) fn tags(&self, workspace: &Workspace) -> Result<Tags, String> {
        let names = workspace.crates().map(|package| package.name.as_str());
        let names: BTreeSet<&str> = names.collect();
        let mut tags = Tags::default();
        for tag in self.ask(&["tag", "--list"])?.lines() {
            if let Some((name, version)) = released(tag)
                && names.contains(name)
            {
                tags.0.entry(name.to_owned()).or_default().insert(version);
            }
        }
        Ok(tags)
    }

    /// The files below a folder that differ from what they were at a revision, new ones among them.
    pub(super) fn changed(&self, since: &str, folder: &str) -> Result<Vec<String>, String> {
        let changed = self.ask(&["diff", "--name-only", since, "--", folder])?;
        let new = self.ask(&["ls-files", "--others", "--exclude-standard", "--", folder])?;
        Ok(changed
            .lines()
            .chain(new.lines())
            .map(str::to_owned)
            .collect())
    }

    /// The paths of the tracked files of a pattern.
    pub(super) fn files(&self, pattern: &str) -> Result<Vec<String>, String> {
        let files = self.ask(&["ls-files", "--", pattern])?;
        Ok(files.lines().map(str::to_owned).collect())
    }

    /// A file as it was at a revision.
    pub(super) fn file(&self, revision: &str, path: &str) -> Result<String, String> {
        self.ask(&["show", &format!("{revision}:{path}")])
    }

    /// Fails where something is not committed: what a release does could not be told from it, nor taken back.
    pub(super) fn must_be_clean(&self) -> Result<(), String> {
        match self.ask(&["status", "--porcelain"])?.as_str() {
            "" => Ok(()),
            open => Err(format!(
                "something is not committed: commit it first, or put it aside\n{}",
                open.trim_end()
            )),
        }
    }

    /// Sets an annotated tag on a commit.
    pub(super) fn tag(&self, name: &str, commit: &str, message: &str) -> Result<(), String> {
        self.ask(&["tag", "--annotate", name, commit, "--message", message])
            .map(drop)
            .map_err(|error| format!("{error}\nthe commit has to be here: `git fetch` gets what somebody else released"))
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, String> {
        let mut git = Command::new("git");
        git.args(arguments)
            .current_dir(&self.root)
            .stdin(Stdio::null());
        let output = git
            .output()
            .map_err(|error| format!("git could not be started: {error}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(format!("{}: {}", command::shown(&git), said.trim_end()))
            }
        }
    }
}

/// The tag of a release.
pub(crate) fn tag(name: &str, version: &Version) -> String {
    format!("{name}-v{version}")
}

fn released(tag: &str) -> Option<(&str, Version)> {
    let (name, version) = tag.rsplit_once("-v")?;
    Some((name, Version::parse(version).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_crate_and_a_version() {
        for (name, version) in [("hallpass", "0.1.0"), ("hallpass-store-sql", "1.0.0-rc.1")] {
            let version = Version::parse(version).unwrap();
            assert_eq!(released(&tag(name, &version)), Some((name, version)));
        }
        for other in ["v0.1.0", "hallpass-v", "hallpass-0.1.0", "before-the-move"] {
            assert_eq!(released(other), None, "{other}");
        }
    }
}
