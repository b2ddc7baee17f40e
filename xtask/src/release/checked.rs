//! That `cargo xtask release check` has passed, and on which commit: `publish` goes by it.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use crate::git::Git;
use crate::workspace::Workspace;

/// The commit that is about to be checked.
pub(super) struct Checking {
    commit: String,
    file: PathBuf,
}

impl Checking {
    /// What was noted before counts no more: this check may fail.
    pub(super) fn begin(workspace: &Workspace, git: &Git) -> Result<Checking, String> {
        let file = file(workspace);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(format!("{}: {error}", file.display()));
            }
            _ => {}
        }
        let commit = git.head()?;
        Ok(Checking { commit, file })
    }

    /// Notes that it has passed, where the tree is still that commit's.
    pub(super) fn passed(self, git: &Git) -> Result<(), String> {
        if git.head()? != self.commit || git.must_be_clean().is_err() {
            println!("  the tree has changed meanwhile: for `publish` this check does not count");
            return Ok(());
        }
        let told = |error| format!("{}: {error}", self.file.display());
        let folder = self.file.parent().unwrap_or(&self.file);
        fs::create_dir_all(folder).map_err(told)?;
        fs::write(&self.file, &self.commit).map_err(told)
    }
}

/// Fails where the commit at hand is not the one that was checked last.
pub(super) fn must_be(workspace: &Workspace, git: &Git) -> Result<(), String> {
    let checked = fs::read_to_string(file(workspace)).unwrap_or_default();
    match checked == git.head()? {
        true => Ok(()),
        false => {
            Err("this commit was not checked: run `cargo xtask release check` first".to_owned())
        }
    }
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.target.join("release").join("checked")
}
