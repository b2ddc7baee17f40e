//! That `cargo xtask release check` has passed, and on which commit: `publish` goes by it.

use std::fs;
use std::path::PathBuf;

use crate::git::Git;
use crate::workspace::Workspace;

/// Notes that the commit at hand was checked; nothing where the tree is another than the commit's.
pub(super) fn note(workspace: &Workspace, git: &Git) -> Result<(), String> {
    if git.must_be_clean().is_err() {
        println!("  something is not committed: for `publish` this check does not count");
        return Ok(());
    }
    let file = file(workspace);
    let told = |error| format!("{}: {error}", file.display());
    let folder = file.parent().unwrap_or(&workspace.target);
    fs::create_dir_all(folder).map_err(told)?;
    fs::write(&file, git.head()?).map_err(told)
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
