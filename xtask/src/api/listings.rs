//! The listings of one tree's crates, made by the package `xtask/api`: with all features, without any, and with each alone.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};

use crate::command;
use crate::workspace::{Package, Workspace};

/// Everything is chosen as the step `docs` chooses it, so that what that has compiled is not compiled with other features again.
const DOCUMENT: &[&str] = &[
    "doc",
    "--workspace",
    "--no-deps",
    "--all-features",
    "--quiet",
];
/// Features that only tests need; no part of what is promised.
const FOR_TESTS: &str = "real-";

/// Where they are: a folder for each crate below one for the tree.
#[derive(Debug)]
pub(super) struct Listings {
    folder: PathBuf,
    /// What our crates call their types inside, and the names by which others find them.
    names: BTreeMap<String, String>,
}

/// How much of a crate is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// With all features.
    Whole,
    /// So, without features and with each alone.
    InParts,
}

/// The program that cargo calls as its rustdoc.
#[derive(Debug)]
pub(super) struct Lister {
    program: PathBuf,
    /// Another one where its sources are others.
    version: u64,
}

impl Lister {
    /// Compiled by those arguments of cargo, in this workspace.
    pub(super) fn build(workspace: &Workspace, build: &[&str]) -> Result<Lister, String> {
        command::run(&mut workspace.cargo(build))?;
        let folder = workspace.root.join("xtask/api");
        let mut files = vec![folder.join("Cargo.toml")];
        let said = |error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(folder.join("src")).map_err(said)? {
            files.push(entry.map_err(said)?.path());
        }
        files.sort();
        let texts: Vec<String> = files
            .iter()
            .map(fs::read_to_string)
            .collect::<Result<_, _>>()
            .map_err(said)?;
        Ok(Lister {
            program: workspace.target.join(format!("debug/api{EXE_SUFFIX}")),
            version: hash(&texts),
        })
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }
}

impl Listings {
    /// Makes them for every crate of the tree, below that folder, with what is compiled in `build`. What has not changed since is not made again.
    pub(super) fn make(
        lister: &Lister,
        workspace: &Workspace,
        how: How,
        build: &Path,
        folder: PathBuf,
    ) -> Result<Listings, String> {
        let file = |package: &Package, name: &str| folder.join(&package.name).join(name);
        let mut plan = Vec::new();
        for package in workspace.crates().filter(|package| package.has_library) {
            let sets: String = how.sets(package).iter().map(Set::line).collect();
            write(&file(package, "sets"), &sets)?;
            plan.push(sets);
        }
        // A word that rustdoc never sees: with another one, cargo takes every listing for stale.
        let stamp = hash(&(lister.version, plan));
        let mut cargo = workspace.cargo(DOCUMENT);
        cargo
            // What was compiled is used, and the pages that people read are not touched.
            .env("CARGO_BUILD_BUILD_DIR", build)
            .env("CARGO_TARGET_DIR", folder.join("cargo"))
            .env("RUSTDOC", &lister.program)
            .env("RUSTDOCFLAGS", format!("--cfg=hallpass_api=\"{stamp:x}\""))
            .env("HALLPASS_API", &folder);
        if let Some(rustdoc) = env::var_os("RUSTDOC") {
            cargo.env("HALLPASS_API_RUSTDOC", rustdoc);
        }
        command::run_quietly(&mut cargo)?;
        Listings::made(workspace, folder)
    }

    /// Those that have been made below that folder.
    pub(super) fn made(workspace: &Workspace, folder: PathBuf) -> Result<Listings, String> {
        let mut listings = Listings {
            folder,
            names: BTreeMap::new(),
        };
        for package in workspace.crates().filter(|package| package.has_library) {
            let names = read(&listings.file(package, "names"))?;
            let names = names.lines().filter_map(|line| line.split_once(' '));
            let names = names.map(|(written, found)| (written.to_owned(), found.to_owned()));
            listings.names.extend(names);
        }
        Ok(listings)
    }

    /// With all features: what is checked in. Its features stand first, and what each switches on.
    pub(super) fn whole(&self, package: &Package) -> Result<String, String> {
        Ok(features(package) + &self.read(package, ALL)?)
    }

    /// Without features, and with each one alone: what is to be called so, and the listing.
    pub(super) fn parts(&self, package: &Package) -> Result<Vec<(String, String)>, String> {
        let parts = sets(package).into_iter().filter(|set| set.name != ALL);
        parts
            .map(|set| self.read(package, &set.name).map(|text| (set.says, text)))
            .collect()
    }

    /// rustdoc's JSON with all features.
    pub(super) fn json(&self, package: &Package) -> PathBuf {
        self.file(package, &format!("{ALL}.json"))
    }

    fn read(&self, package: &Package, set: &str) -> Result<String, String> {
        let text = read(&self.file(package, &format!("{set}.txt")))?;
        Ok(renamed(&text, &self.names))
    }

    fn file(&self, package: &Package, name: &str) -> PathBuf {
        self.folder.join(&package.name).join(name)
    }
}

impl How {
    fn sets(self, package: &Package) -> Vec<Set> {
        let mut sets = sets(package);
        match self {
            How::Whole => sets.truncate(1),
            How::InParts => {}
        }
        sets
    }
}

const ALL: &str = "all";

/// One way to switch a crate's features on.
#[derive(Debug, PartialEq, Eq)]
struct Set {
    name: String,
    says: String,
    /// All that is on, what others switch on as well.
    features: BTreeSet<String>,
}

impl Set {
    fn line(&self) -> String {
        let features: Vec<&str> = self.features.iter().map(String::as_str).collect();
        format!("{}: {}\n", self.name, features.join(" "))
    }
}

/// All that a crate is listed with. Its default features are a part of all, as each of them is.
fn sets(package: &Package) -> Vec<Set> {
    let named = || promised(package).filter(|name| *name != "default");
    let set = |name: &str, says: &str, features: &mut dyn Iterator<Item = &String>| Set {
        name: name.to_owned(),
        says: says.to_owned(),
        features: package.switched_on(features.cloned().collect()),
    };
    let mut sets = vec![set(ALL, "all features", &mut named())];
    if named().next().is_some() {
        sets.push(set("none", "no features", &mut [].iter()));
    }
    if named().count() > 1 {
        for name in named() {
            let says = format!("`{name}` alone");
            sets.push(set(&format!("only-{name}"), &says, &mut [name].into_iter()));
        }
    }
    sets
}

/// The lines about features: `feature tls`, and `feature tls: listener` for what it switches on in the crate itself.
fn features(package: &Package) -> String {
    let mut lines = String::new();
    for name in promised(package) {
        lines += &format!("feature {name}\n");
        for other in package.features.get(name).into_iter().flatten() {
            if package.features.contains_key(other) {
                lines += &format!("feature {name}: {other}\n");
            }
        }
    }
    lines
}

fn promised(package: &Package) -> impl Iterator<Item = &String> {
    let names = package.features.keys();
    names.filter(|name| !name.starts_with(FOR_TESTS))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Each path that has another name by that one.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut rest = text;
    let mut renamed = String::new();
    while let Some(begin) = rest.find(is_path) {
        let (before, path) = rest.split_at(begin);
        let end = path.find(|c| !is_path(c)).unwrap_or(path.len());
        let (path, after) = path.split_at(end);
        renamed += before;
        renamed += names.get(path).map_or(path, String::as_str);
        rest = after;
    }
    renamed + rest
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::with_features;

    fn lines(features: &[(&str, &[&str])]) -> String {
        sets(&with_features(features))
            .iter()
            .map(Set::line)
            .collect()
    }

    #[test]
    fn a_crate_is_listed_with_all_with_none_and_with_each_alone() {
        assert_eq!(lines(&[]), "all: \n");
        assert_eq!(lines(&[("default", &[])]), "all: \n");
        assert_eq!(
            lines(&[("default", &["a"]), ("a", &["dep:x"])]),
            "all: a\nnone: \n"
        );
        assert_eq!(
            lines(&[("a", &["b"]), ("b", &[]), ("c", &[])]),
            "all: a b c\nnone: \nonly-a: a b\nonly-b: b\nonly-c: c\n"
        );
    }

    #[test]
    fn a_feature_for_our_tests_is_promised_to_nobody() {
        let server: &[(&str, &[&str])] = &[("real-redis", &["tls"]), ("tls", &[])];
        assert_eq!(lines(server), "all: tls\nnone: \n");
        assert_eq!(features(&with_features(server)), "feature tls\n");
    }

    #[test]
    fn what_a_feature_switches_on_is_promised_too() {
        let text = features(&with_features(&[
            ("default", &["file"]),
            ("file", &["dep:rustix", "a-crate/file"]),
        ]));
        assert_eq!(
            text,
            "feature default\nfeature default: file\nfeature file\n"
        );
    }

    #[test]
    fn a_type_of_another_crate_has_the_name_that_others_find_it_by() {
        let names = [("a::hinge::Door", "a::Door")];
        let names = names.map(|(written, found)| (written.to_owned(), found.to_owned()));
        let names = BTreeMap::from(names);
        assert_eq!(
            renamed(
                "pub fn b::f(&a::hinge::Door) -> [a::hinge::Doorway]\n",
                &names
            ),
            "pub fn b::f(&a::Door) -> [a::hinge::Doorway]\n"
        );
        assert_eq!(renamed("x: a::hinge::Door", &names), "x: a::Door");
    }
}
