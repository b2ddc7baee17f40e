//! Asking git about the tree.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command;
use crate::workspace::Workspace;

/// The git of one work tree.
pub(crate) struct Git {
    root: PathBuf,
}

impl Git {
    pub(crate) fn of(workspace: &Workspace) -> Git {
        Git::at(&workspace.root)
    }

    pub(crate) fn at(root: &Path) -> Git {
        let root = root.to_path_buf();
        Git { root }
    }

    /// What it prints, or as an error what it complains of.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<String, String> {
        let mut git = self.command(arguments);
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

    /// To be run in the work tree, with nothing to read.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(arguments)
            .current_dir(&self.root)
            .stdin(Stdio::null());
        git
    }

    /// The tracked files of a pattern.
    pub(crate) fn files(&self, pattern: &str) -> Result<Vec<String>, String> {
        let files = self.ask(&["ls-files", "--", pattern])?;
        Ok(files.lines().map(str::to_owned).collect())
    }

    /// The files below a folder that differ from what they were at a revision, new ones among them.
    pub(crate) fn changed(&self, since: &str, folder: &str) -> Result<Vec<String>, String> {
        let changed = self.ask(&["diff", "--name-only", "--no-renames", since, "--", folder])?;
        let new = self.ask(&["ls-files", "--others", "--exclude-standard", "--", folder])?;
        Ok(changed
            .lines()
            .chain(new.lines())
            .map(str::to_owned)
            .collect())
    }

    /// A file as it was at a revision.
    pub(crate) fn file(&self, revision: &str, path: &str) -> Result<String, String> {
        self.ask(&["show", &format!("{revision}:{path}")])
    }

    /// The commit that the work tree is at.
    pub(crate) fn head(&self) -> Result<String, String> {
        let head = self.ask(&["rev-parse", "HEAD"])?;
        Ok(head.trim_end().to_owned())
    }

    /// Whether a commit is one that the work tree's own follows.
    pub(crate) fn has_in_its_history(&self, commit: &str) -> bool {
        let is_ancestor = ["merge-base", "--is-ancestor", commit, "HEAD"];
        self.ask(&is_ancestor).is_ok()
    }

    /// Fails where something is not committed: what a release does could not be told from it, nor taken back.
    pub(crate) fn must_be_clean(&self) -> Result<(), String> {
        let open = self.ask(&["status", "--porcelain", "--untracked-files=all"])?;
        // Files that git was told not to look at are packaged all the same. Their letter is an `S`, or a small one.
        let listed = self.ask(&["ls-files", "-v"])?;
        let unseen =
            |line: &&str| line.starts_with(|flag: char| flag == 'S' || flag.is_lowercase());
        if let Some(unseen) = listed.lines().find(unseen) {
            return Err(format!("git was told not to look at a file: {unseen}"));
        }
        match open.as_str() {
            "" => Ok(()),
            open => Err(format!(
                "something is not committed: commit it first, or put it aside\n{}",
                open.trim_end()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_complains_of_is_told_with_the_command() {
        let git = Git::of(&Workspace::load().unwrap());
        let error = git.file("HEAD", "no/such/file").unwrap_err();
        assert!(
            error.starts_with("`git show HEAD:no/such/file`: "),
            "{error}"
        );
        assert_eq!(git.files("Cargo.toml").unwrap(), ["Cargo.toml"]);
        let head = git.head().unwrap();
        assert_eq!(head.len(), 40);
        assert!(git.has_in_its_history(&head) && !git.has_in_its_history("no-such-revision"));
    }
}
