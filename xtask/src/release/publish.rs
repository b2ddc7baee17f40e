//! `cargo xtask release publish`: puts what is prepared into the registry, in the order of its needs, and sets the tags when
//! all of it is there. Run again after a failure, it goes on where that stopped: the registry and the tags tell it where.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use semver::Version;

use super::changelog;
use super::checked;
use super::plan::{Plan, Publication};
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
        false => println!("\nnothing was done: cargo xtask release publish --execute does it"),
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
    // Tags alone name commits that the registry knows; what is published from here has to be what was checked.
    if !publication.publish.is_empty() {
        checked::must_be(workspace, git)?;
    }
    let mut left = publication.publish.as_slice();
    while let [(name, version), rest @ ..] = left {
        publish(workspace, registry, name, version).map_err(|error| {
            format!(
                "{error}\n{name} {version} is not published, nor what comes after it, and no tag was set. When that is mended, the same command goes on from here."
            )
        })?;
        println!("published {name} {version}");
        left = rest;
    }
    let mut tags = Vec::new();
    for (name, version) in &publication.tag {
        let (tag, commit) = (tags::name(name, version), registry.commit(name, version)?);
        tags::set(git, &tag, &commit, &message(workspace, name, version)?)?;
        println!("tagged {tag} on {}", commit.get(..12).unwrap_or(&commit));
        tags.push(tag);
    }
    println!("\nnext: git push origin {}", tags.join(" "));
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
    let mut cargo = workspace.cargo(&["publish", "--locked", "--package", name]);
    if let Some(registry) = registry.name {
        cargo.args(["--registry", registry]);
    }
    let done = command::run(&mut cargo);
    let begun = Instant::now();
    loop {
        let known = registry.versions()?;
        let is_there = known.of(name).any(|(known, _)| known == version);
        match &done {
            _ if is_there => return Ok(()),
            // Its answer may have been lost on the way, but then the index would have it.
            Err(error) => return Err(error.clone()),
            Ok(()) if begun.elapsed() > PATIENCE => {
                let minutes = PATIENCE.as_secs() / 60;
                return Err(format!(
                    "the index does not have it after {minutes} minutes"
                ));
            }
            Ok(()) => thread::sleep(BETWEEN_LOOKS),
        }
    }
}
