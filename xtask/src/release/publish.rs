//! `cargo xtask release publish`: puts what is prepared into the registry, in the order of its needs, and sets the tags when
//! all of it is there. Run again after a failure, it goes on where that stopped: the registry and the tags tell it where.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use semver::Version;
use sha2::{Digest, Sha256};

use super::changelog;
use super::checked;
use super::plan::{Plan, Publication, State};
use super::registry::Asking;
use super::tags;
use crate::command;
use crate::git::Git;
use crate::workspace::Workspace;

/// A registry's index may be behind a cache.
const PATIENCE: Duration = Duration::from_secs(600);
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// What is left, told and not done.
pub(super) fn rehearse(plan: &Plan) -> Result<(), String> {
    let publication = plan.publication()?;
    for (name, version) in &publication.publish {
        println!("would publish {name} {version}");
    }
    for (name, version) in &publication.tag {
        println!("would tag {}", tags::name(name, version));
    }
    match publication == Publication::default() {
        true => println!("nothing is prepared: `cargo xtask release prepare` does that"),
        false => println!(
            "\nnothing was done: cargo xtask release publish --execute does it, once this commit has passed `check`"
        ),
    }
    Ok(())
}

/// Does it.
pub(super) fn run(
    workspace: &Workspace,
    git: &Git,
    registry: &Asking<'_>,
    plan: &Plan,
) -> Result<(), String> {
    let publication = plan.publication()?;
    if publication == Publication::default() {
        println!("nothing is left to publish, and no tag is missing");
        return Ok(());
    }
    git.must_be_clean()?;
    let (due, rest): (Vec<_>, Vec<_>) = publication
        .tag
        .iter()
        .partition(|version| !publication.publish.contains(version));
    // Before anything goes out that is built with what somebody else may have put there.
    let mut commits = commits(git, registry, &due)?;
    // Tags alone name commits that the registry knows; what is published from here has to be what was checked.
    if !publication.publish.is_empty() {
        checked::must_be(workspace, git)?;
    }
    for (name, version) in &publication.publish {
        publish(workspace, registry, name, version).map_err(|error| {
            format!(
                "{error}\n{name} {version} is not published, as far as the index tells, nor what comes after it, and no tag was set. When that is mended, the same command goes on from here."
            )
        })?;
        println!("published {name} {version}");
    }
    commits.extend(self::commits(git, registry, &rest)?);
    tag(workspace, git, &commits)
}

/// Sets the tags that are due, of a publication that will not be finished as it was begun.
pub(super) fn tag_alone(
    workspace: &Workspace,
    git: &Git,
    registry: &Asking<'_>,
    plan: &Plan,
) -> Result<(), String> {
    let untagged = plan
        .crates
        .iter()
        .filter(|planned| planned.state == State::Untagged);
    let due = untagged.map(|planned| (planned.tree.name.clone(), planned.tree.version.clone()));
    let due: Vec<(String, Version)> = due.collect();
    if due.is_empty() {
        println!("no tag is due");
        return Ok(());
    }
    let commits = commits(git, registry, &due.iter().collect::<Vec<_>>())?;
    tag(workspace, git, &commits)
}

/// A version, and the commit that was published as it.
type Commit<'a> = (&'a (String, Version), String);

/// The commits of published versions.
///
/// # Errors
/// With all that are not of this tree's history. Then somebody else published them, or somebody from another branch.
fn commits<'a>(
    git: &Git,
    registry: &Asking<'_>,
    published: &[&'a (String, Version)],
) -> Result<Vec<Commit<'a>>, String> {
    let (mut commits, mut strangers) = (Vec::new(), Vec::new());
    for version in published {
        let (name, number) = *version;
        match registry.commit(name, number) {
            Ok(commit) if is_commit(&commit) && git.has_in_its_history(&commit) => {
                commits.push((*version, commit));
            }
            Ok(commit) => strangers.push(format!(
                "{name} {number} is in the registry, but it names a commit that this tree does not come from: {commit}"
            )),
            Err(error) => strangers.push(error),
        }
    }
    match strangers.as_slice() {
        [] => Ok(commits),
        strangers => Err(format!(
            "{}\nif it is ours, get that commit (git pull), or tag by hand what it was (git tag --annotate NAME-vVERSION COMMIT); if it is not, nothing may be built with it",
            strangers.join("\n")
        )),
    }
}

/// As git names one in full. Another word might be a branch here.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn tag(workspace: &Workspace, git: &Git, commits: &[Commit<'_>]) -> Result<(), String> {
    for ((name, version), commit) in commits {
        let tag = tags::name(name, version);
        tags::set(git, &tag, commit, &message(workspace, name, version)?)?;
        println!("tagged {tag} on {}", commit.get(..12).unwrap_or(commit));
    }
    println!("\nnext: git push --follow-tags, which takes all tags of releases along");
    Ok(())
}

/// What a tag says: the crate, the version, and what the changelog has of it.
fn message(workspace: &Workspace, name: &str, version: &Version) -> Result<String, String> {
    let notes = workspace.crates().find(|package| package.name == name);
    let notes = notes
        .map(|package| package.folder.as_str())
        .unwrap_or_default();
    let path = workspace.root.join(notes).join("CHANGELOG.md");
    let notes =
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let notes = changelog::notes(&notes, version);
    let notes = notes.iter().map(|bullet| format!("\n- {bullet}"));
    Ok(format!("{name} {version}\n{}", notes.collect::<String>()))
}

/// Returns when everybody can have it.
fn publish(
    workspace: &Workspace,
    registry: &Asking<'_>,
    name: &str,
    version: &Version,
) -> Result<(), String> {
    // Named always, or cargo would go where its own configuration says.
    let to = registry.name.unwrap_or("crates-io");
    let cargo = |what: &[&str]| {
        let mut cargo = workspace.cargo(what);
        cargo.args(["--locked", "--package", name, "--registry", to]);
        cargo
    };
    command::run_quietly(&mut cargo(&["package", "--no-verify"]))?;
    let ours = sha256(workspace, name, version)?;
    let done = command::run(&mut cargo(&["publish"]));
    let begun = Instant::now();
    loop {
        let known = registry.versions();
        let published = known.as_ref().ok().and_then(|known| {
            let mut versions = known.of(name);
            Some(versions.find(|(known, _)| *known == version)?.1.clone())
        });
        match (&done, published) {
            (_, Some(published)) if published.sha256 == ours => return Ok(()),
            (_, Some(_)) => {
                return Err(format!(
                    "the registry has another {name} {version} than this one: somebody else was quicker, or has the name"
                ));
            }
            // Its answer may have been lost on the way, but then the index would have it.
            (Err(error), None) => return Err(error.clone()),
            (Ok(()), None) if begun.elapsed() > PATIENCE => {
                let minutes = PATIENCE.as_secs() / 60;
                return Err(format!(
                    "{name} {version} was taken, but the index does not have it after {minutes} minutes{}",
                    known
                        .err()
                        .map(|error| format!(": {error}"))
                        .unwrap_or_default()
                ));
            }
            (Ok(()), None) => thread::sleep(BETWEEN_LOOKS),
        }
    }
}

/// Of the package that cargo has made: the same files give the same bytes.
fn sha256(workspace: &Workspace, name: &str, version: &Version) -> Result<String, String> {
    let file = format!("{name}-{version}.crate");
    let path = workspace.target.join("package").join(&file);
    let package = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let hash = Sha256::digest(package);
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_named_in_full() {
        assert!(is_commit("45668a298e53f5a3b4a1a0d2a0b1c2d3e4f50617"));
        for other in [
            "",
            "HEAD",
            "45668a298e53",
            "main",
            "45668a298e53f5a3b4a1a0d2a0b1c2d3e4f5061g",
        ] {
            assert!(!is_commit(other), "{other}");
        }
    }
}
