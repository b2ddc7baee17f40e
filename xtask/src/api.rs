//! `cargo xtask api`: the public API of each crate, a line for each item, in a file that is checked in beside its manifest. Whoever
//! changes the API changes that file with it, and so sees what users will see.
//!
//! A crate that is a program alone has no listing. That of a crate of macros has a line for each macro.

use std::fs;
use std::path::PathBuf;

mod change;
mod features;
mod listings;
mod since;

use crate::workspace::{Package, Workspace};

pub(crate) use change::{ApiChange, Change};
use listings::{How, Lister, Listings};
pub(crate) use since::{By, change_since};

/// The file's name, in the folder of its crate. No package has it: `exclude` in the root's Cargo.toml.
pub(crate) const FILE: &str = "api.txt";

const BUILD: &[&str] = &["build", "--quiet", "--package", "api"];
/// With the features that the step `tests` has compiled everything with, so that nothing is compiled again.
const BUILD_AS_TESTS_DO: &[&str] = &[
    "test",
    "--workspace",
    "--no-run",
    "--quiet",
    "--test",
    "public_api",
];

const USAGE: &str = "cargo xtask api [CRATE...] [--since REVISION]";

/// Renews the listings of the named crates, of all where none is named, and prints what moved. `--since REVISION` renews nothing and
/// prints how far each has moved since then.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let workspace = Workspace::load()?;
    match words {
        [names @ .., "--since", revision] => {
            print_since(&workspace, &listed(&workspace, names)?, revision)
        }
        names => renew(&workspace, &listed(&workspace, names)?),
    }
}

fn print_since(workspace: &Workspace, packages: &[&Package], revision: &str) -> Result<(), String> {
    for package in packages {
        let moved = change_since(workspace, package, revision, By::SemverChecks)?;
        println!("{}: {}", package.name, moved.change());
        for reason in moved.reasons() {
            println!("  {reason}");
        }
    }
    Ok(())
}

fn renew(workspace: &Workspace, packages: &[&Package]) -> Result<(), String> {
    let listings = ours(&Lister::build(workspace, BUILD)?, workspace)?;
    let mut renewed = 0;
    for package in packages {
        let (file, listed) = (file(workspace, package), listings.whole(package)?);
        let known = fs::read_to_string(&file).unwrap_or_default();
        if known == listed {
            continue;
        }
        println!("{}", difference(package, &known, &listed));
        fs::write(&file, listed).map_err(|error| format!("{}: {error}", file.display()))?;
        renewed += 1;
    }
    println!("{renewed} of {} listings renewed", packages.len());
    features::check(&listings, packages)
}

/// As a step of `test`: each listing is as it is checked in, and no feature takes anything away.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let listings = ours(&Lister::build(workspace, BUILD_AS_TESTS_DO)?, workspace)?;
    let packages = listed(workspace, &[])?;
    let mut moved = Vec::new();
    for package in &packages {
        let known = fs::read_to_string(file(workspace, package)).unwrap_or_default();
        let listed = listings.whole(package)?;
        if known != listed {
            println!("{}", difference(package, &known, &listed));
            moved.push(package.name.as_str());
        }
    }
    println!("  {} listings compared", packages.len());
    let mut complaints = Vec::new();
    if !moved.is_empty() {
        complaints.push(format!(
            "the public API of {} is not as {FILE} has it: if the lines above are meant, `cargo xtask api` renews the listing, and the \
             changelog says what users see of it",
            moved.join(", ")
        ));
    }
    complaints.extend(features::check(&listings, &packages).err());
    match complaints.as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n")),
    }
}

/// Of this tree.
fn ours(lister: &Lister, workspace: &Workspace) -> Result<Listings, String> {
    let folder = workspace.target.join("api/now");
    Listings::make(lister, workspace, How::InParts, &workspace.target, folder)
}

/// The named crates, all that have a library where none is named.
fn listed<'a>(workspace: &'a Workspace, names: &[&str]) -> Result<Vec<&'a Package>, String> {
    let crates = || workspace.crates().filter(|package| package.has_library);
    if let Some(unknown) = names
        .iter()
        .find(|name| crates().all(|package| package.name != **name))
    {
        let known: Vec<&str> = crates().map(|package| package.name.as_str()).collect();
        return Err(format!(
            "no crate with a library is called `{unknown}`: there are {}\n{USAGE}",
            known.join(", ")
        ));
    }
    let is_named = |package: &&Package| names.is_empty() || names.contains(&package.name.as_str());
    Ok(crates().filter(is_named).collect())
}

fn file(workspace: &Workspace, package: &Package) -> PathBuf {
    workspace.root.join(&package.folder).join(FILE)
}

/// What is to be printed of it.
fn difference(package: &Package, known: &str, listed: &str) -> String {
    let moved = ApiChange::between(known, listed);
    let lines: String = moved
        .reasons()
        .map(|line| format!("\n    {line}"))
        .collect();
    let says = match (known.is_empty(), moved.change()) {
        (true, _) => {
            return format!(
                "  {}: is new, {} lines",
                package.name,
                listed.lines().count()
            );
        }
        (false, Change::None) => "the same lines in another order",
        (false, change) => return format!("  {}: {change}{lines}", package.name),
    };
    format!("  {}: {says}", package.name)
}
