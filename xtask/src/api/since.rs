//! How far a crate's public API has moved since a revision, by its listings and by cargo-semver-checks, which sees what no listing tells.
//!
//! The revision's tree is taken out of git and documented as ours is, each crate with its neighbours of that time. So both programs read the
//! same JSON and cargo-semver-checks compiles nothing. What that tree's crates depend on is compiled for it in a folder of its own, once for
//! all revisions: to cargo a crate in another copy of the tree is the same crate, and each would take the other's for stale.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::change::ApiChange;
use super::listings::{How, Lister, Listings};
use super::{BUILD, FILE, file, ours};
use crate::command;
use crate::git::Git;
use crate::tools;
use crate::workspace::{Package, Workspace};

/// What says how far an API has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The listings alone, as they are checked in: what `change` says they do not see stays unseen.
    Listings,
    /// cargo-semver-checks as well. It is compiled once, which takes many minutes.
    SemverChecks,
}

/// From that revision, a tag or whatever git takes for one, to the tree as it is. A crate that had no library then has only additions; one
/// that has none now has no API.
pub(crate) fn change_since(
    workspace: &Workspace,
    package: &Package,
    baseline: &str,
    by: By,
) -> Result<ApiChange, String> {
    if !package.has_library {
        return Ok(ApiChange::default());
    }
    if by == By::Listings
        && let Some(listed) = checked_in(workspace, package, baseline)?
    {
        return Ok(listed);
    }
    let lister = Lister::build(workspace, BUILD)?;
    let now = ours(&lister, workspace)?;
    let tree = Tree::at(workspace, baseline)?;
    let before = Workspace::load_in(&tree.root)?;
    let then = tree
        .listings(&lister, workspace, &before)
        .map_err(|error| format!("{error}\nThis is the tree at {baseline}"))?;
    let known = before.crates().find(|known| known.name == package.name);
    let Some(known) = known.filter(|known| known.has_library) else {
        return Ok(ApiChange::between("", &now.whole(package)?));
    };
    let listed = ApiChange::between(&then.whole(known)?, &now.whole(package)?);
    match by {
        By::Listings => Ok(listed),
        By::SemverChecks => {
            let checked = semver_checks(workspace, &then.json(known), &now.json(package))?;
            Ok(listed.and(checked))
        }
    }
}

/// Nothing where there was no listing yet.
fn checked_in(
    workspace: &Workspace,
    package: &Package,
    baseline: &str,
) -> Result<Option<ApiChange>, String> {
    let path = format!("{}/{FILE}", package.folder);
    let git = Git::of(workspace);
    if git
        .ask(&["ls-tree", "--name-only", baseline, "--", &path])?
        .is_empty()
    {
        return Ok(None);
    }
    let then = git.ask(&["show", &format!("{baseline}:{path}")])?;
    let file = file(workspace, package);
    let now = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Some(ApiChange::between(&then, &now)))
}

/// A revision's files, below the target folder.
struct Tree {
    root: PathBuf,
    folder: PathBuf,
}

impl Tree {
    fn at(workspace: &Workspace, revision: &str) -> Result<Tree, String> {
        let git = Git::of(workspace);
        let commit = format!("{revision}^{{commit}}");
        let parsed = git.ask(&["rev-parse", "--verify", "--quiet", &commit]);
        let commit = parsed.map_err(|_| {
            format!(
                "`{revision}` is no revision of this repository: `git fetch --tags` brings the tags"
            )
        })?;
        let folder = workspace.target.join("api").join(commit.trim());
        let tree = Tree {
            root: folder.join("tree"),
            folder,
        };
        if !tree.root.exists() {
            // Into its place only when it is whole.
            let new = tree.folder.join("new");
            let _ = fs::remove_dir_all(&new);
            take_out(&git, commit.trim(), &new)?;
            fs::rename(&new, &tree.root).map_err(|error| format!("{}: {error}", new.display()))?;
        }
        Ok(tree)
    }

    /// Made once: a revision does not change.
    fn listings(
        &self,
        lister: &Lister,
        workspace: &Workspace,
        before: &Workspace,
    ) -> Result<Listings, String> {
        let folder = self.folder.join("listings");
        let (made, wanted) = (self.folder.join("made"), lister.version().to_string());
        if fs::read_to_string(&made).is_ok_and(|by| by == wanted) {
            return Listings::made(before, folder);
        }
        let build = workspace.target.join("api/before");
        let listings = Listings::make(lister, before, How::Whole, &build, folder)?;
        fs::write(&made, wanted).map_err(|error| format!("{}: {error}", made.display()))?;
        Ok(listings)
    }
}

fn take_out(git: &Git, commit: &str, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut archive = git.command(&["archive", "--format=tar", commit]);
    let said = |error| format!("git could not be started: {error}");
    let mut archive = archive.stdout(Stdio::piped()).spawn().map_err(said)?;
    let mut tar = Command::new("tar");
    tar.args(["-x", "-f", "-", "-C"]).arg(folder);
    if let Some(files) = archive.stdout.take() {
        tar.stdin(files);
    }
    let unpacked = command::run(&mut tar);
    let archived = archive.wait().map_err(said)?;
    match archived.success() {
        true => unpacked,
        false => Err(format!("`git archive {commit}` failed ({archived})")),
    }
}

/// What it finds between two JSONs of rustdoc.
fn semver_checks(workspace: &Workspace, then: &Path, now: &Path) -> Result<ApiChange, String> {
    let program = tools::cargo_semver_checks(workspace)?;
    // As if the release were a minor one it looks for what breaks, as if it were a patch for additions as well.
    let found = |release: &str| -> Result<Vec<String>, String> {
        let mut check = Command::new(&program);
        check
            .args([
                "semver-checks",
                "--color",
                "never",
                "--release-type",
                release,
            ])
            .arg("--baseline-rustdoc")
            .arg(then)
            .arg("--current-rustdoc")
            .arg(now)
            .current_dir(&workspace.root)
            .env("RUST_BACKTRACE", "0");
        let output = check
            .output()
            .map_err(|error| format!("{} could not be started: {error}", command::shown(&check)))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match output.status.code() {
            Some(0) => Ok(Vec::new()),
            Some(LINTS_FAILED) => Ok(failures(&text)),
            _ => Err(format!(
                "{text}{}\n{} failed ({})",
                String::from_utf8_lossy(&output.stderr),
                command::shown(&check),
                output.status
            )),
        }
    };
    let breaking = found("minor")?;
    let mut additions = found("patch")?;
    additions.retain(|line| !breaking.contains(line));
    Ok(ApiChange {
        breaking,
        additions,
    })
}

/// The exit code of cargo-semver-checks that is no failure of its own.
const LINTS_FAILED: i32 = 100;

/// `--- failure LINT: what it is ---`, some prose, `Failed in:` and a line for each place, as `LINT: place`.
fn failures(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut lint, mut is_place) = ("", false);
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("--- failure ") {
            (lint, is_place) = (head.split(':').next().unwrap_or(head), false);
        } else if line.starts_with("--- ") {
            lint = "";
        } else if line == "Failed in:" {
            is_place = true;
        } else if is_place && !lint.is_empty() && !line.trim().is_empty() {
            found.push(format!("{lint}: {}", line.trim()));
        }
    }
    // Something failed all the same, and somebody has to look.
    if found.is_empty() {
        found.push(format!("cargo-semver-checks says: {}", text.trim()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "
--- failure enum_variant_added: enum variant added on exhaustive enum ---

Description:
A publicly-visible enum without #[non_exhaustive] has a new variant.
        ref: https://doc.rust-lang.org/cargo/reference/semver.html#enum-variant-new

Failed in:
  variant Document:Never in crates/hallpass-cli/src/inspect.rs:44

--- warning function_no_longer_unsafe: function is safe now ---

Failed in:
  function open in src/lib.rs:3

--- failure derive_trait_impl_removed: built-in derived trait no longer implemented ---

Failed in:
  type Settings no longer derives PartialEq, in src/settings.rs:20
  type Settings no longer derives Eq, in src/settings.rs:20
";

    #[test]
    fn of_what_cargo_semver_checks_says_each_place_that_fails_is_a_reason() {
        assert_eq!(
            failures(SAID),
            [
                "enum_variant_added: variant Document:Never in crates/hallpass-cli/src/inspect.rs:44",
                "derive_trait_impl_removed: type Settings no longer derives PartialEq, in src/settings.rs:20",
                "derive_trait_impl_removed: type Settings no longer derives Eq, in src/settings.rs:20",
            ]
        );
    }

    #[test]
    fn a_failure_that_is_told_in_other_words_is_a_reason_all_the_same() {
        assert_eq!(
            failures("it broke\n"),
            ["cargo-semver-checks says: it broke"]
        );
    }

    #[test]
    fn a_revision_that_is_none_is_told() {
        let workspace = Workspace::load().unwrap();
        let error = Tree::at(&workspace, "no-such-tag").err().unwrap();
        assert!(
            error.starts_with("`no-such-tag` is no revision of this repository"),
            "{error}"
        );
    }

    #[test]
    fn listings_that_are_checked_in_are_compared_as_they_are() {
        let workspace = Workspace::load().unwrap();
        let package = workspace
            .crates()
            .find(|package| package.name == "hallpass-json");
        let moved = change_since(&workspace, package.unwrap(), "HEAD", By::Listings);
        assert!(moved.is_ok(), "{moved:?}");
    }
}
