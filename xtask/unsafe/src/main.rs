//! How much unsafe code our crates stand on, as tables in Markdown: for each published crate its own, and that of all it is linked with, by its
//! default features and by all; then for each of those others how much it is, and of which kind.
//!
//! Counted is what a crate ships, for every platform and feature, without its tests, examples and build script; which crates there are is
//! asked for one platform. Procedural macros run in the compiler and are no part of a program. C and assembly are not counted.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::thread;

mod cargo;
mod count;

use cargo::{Package, Packages};
use count::Count;

/// Which platform is asked for.
const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() -> ExitCode {
    // An expression can be nested deeper than the main thread's stack is.
    let thread = thread::Builder::new().stack_size(256 << 20).spawn(tables);
    match thread.map(|thread| thread.join()) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(message))) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}

fn tables() -> Result<(), String> {
    let packages = Packages::load(TARGET)?;
    let mut counts = Counts::default();
    println!(
        "| crate | own | linked with, by default | of those with unsafe code | how much | with all features | of those with unsafe code | how much |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for own in packages.published() {
        let count = counts.of(own)?;
        let verdict = match (count.total(), count::forbids_unsafe(&own.root)?) {
            (0, true) => "0, forbidden".to_owned(),
            (0, false) => return Err(format!("{} does not forbid unsafe code", own.name)),
            (some, _) => return Err(format!("{} has unsafe code: {some}", own.name)),
        };
        let default = Linked::of(&packages, &mut counts, own, &[])?;
        let all = Linked::of(&packages, &mut counts, own, &["--all-features"])?;
        println!("| `{}` | {verdict} | {default} | {all} |", own.name);
    }
    println!("\n| crate | blocks | functions | impls | traits | foreign | in macros | in all |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut others: Vec<_> = counts
        .0
        .iter()
        .filter(|(_, count)| count.total() > 0)
        .collect();
    others.sort_by_key(|(name, count)| (std::cmp::Reverse(count.total()), *name));
    for (name, count) in others {
        println!("| {name} | {count} |");
    }
    let unread: usize = counts.0.values().map(|count| count.unread).sum();
    println!(
        "\n{} crates; {unread} files are no Rust that stands for itself, and were passed over.",
        counts.0.len()
    );
    Ok(())
}

/// What was counted already, by name and version.
#[derive(Default)]
struct Counts(BTreeMap<String, Count>);

impl Counts {
    fn of(&mut self, package: &Package) -> Result<&Count, String> {
        let id = format!("{} {}", package.name, package.version);
        let entry = self.0.entry(id);
        match entry {
            std::collections::btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(new) => {
                Ok(new.insert(count::package(package)?))
            }
        }
    }
}

/// What one crate is linked with.
struct Linked {
    crates: usize,
    with_unsafe: usize,
    total: usize,
}

impl Linked {
    fn of(
        packages: &Packages,
        counts: &mut Counts,
        own: &Package,
        features: &[&str],
    ) -> Result<Self, String> {
        let mut linked = Self {
            crates: 0,
            with_unsafe: 0,
            total: 0,
        };
        let ids: BTreeSet<(String, String)> = cargo::linked_with(&own.name, TARGET, features)?;
        for (name, version) in ids {
            let package = packages.find(&name, &version);
            let package =
                package.ok_or_else(|| format!("cargo metadata knows no {name} {version}"))?;
            if package.name == own.name {
                continue;
            }
            let total = counts.of(package)?.total();
            linked.crates += 1;
            linked.with_unsafe += usize::from(total > 0);
            linked.total += total;
        }
        Ok(linked)
    }
}

impl std::fmt::Display for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} | {} | {}", self.crates, self.with_unsafe, self.total)
    }
}
