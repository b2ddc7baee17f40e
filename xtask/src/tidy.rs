//! `cargo xtask tidy`: the house's own rules, one file each. A rule is a function of the packages and the files, and
//! every complaint says where, what, and what to do about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;

use crate::git::Git;
use crate::source::Source;
use crate::workspace::{Package, Workspace};

mod arrows;
mod cases;
mod crates;
mod exceptions;
mod left_over;
mod length;
mod links;
mod sans_io;
mod threats;

pub(crate) use self::links::links;

/// What the rules look at.
#[derive(Debug, Default)]
pub(crate) struct House {
    packages: Vec<Package>,
    /// Every file that git tracks or would track, by its path from the root.
    files: BTreeMap<String, String>,
}

/// One thing that is not as the house wants it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Complaint {
    /// A file, with a line where there is one.
    at: String,
    /// What is wrong, and what to do.
    says: String,
}

type Rule = fn(&House) -> Vec<Complaint>;

const RULES: &[(&str, Rule)] = &[
    ("arrows between crates", arrows::check),
    ("sans-IO crates", sans_io::check),
    ("cases and their tests", cases::check),
    ("threats and defences", threats::check),
    ("what every crate has", crates::check),
    ("reasons of exceptions", exceptions::check),
    ("length of files", length::check),
    ("what was left over", left_over::check),
    ("links", links::check),
];

/// Reads the house and checks it.
pub(crate) fn run() -> Result<(), String> {
    check(&Workspace::load()?)
}

/// Writes the tables of THREATS.md.
pub(crate) fn write_threats() -> Result<(), String> {
    let workspace = Workspace::load()?;
    let house = House::load(&workspace)?;
    let page = threats::written(&house).map_err(|complaints| {
        let lines = complaints.iter().map(ToString::to_string);
        lines.collect::<Vec<_>>().join("\n")
    })?;
    let path = workspace.root.join(threats::PAGE);
    fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()))
}

/// Checks every rule, prints one line for each and every complaint.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let house = House::load(workspace)?;
    let mut complaints = 0;
    for (name, rule) in RULES {
        let mut found = rule(&house);
        found.sort();
        let verdict = if found.is_empty() { "ok" } else { "not so" };
        println!("  {name:<24} {verdict}");
        for complaint in &found {
            println!("    {complaint}");
        }
        complaints += found.len();
    }
    match complaints {
        0 => Ok(()),
        1 => Err("tidy has a complaint: the line above says what to do".to_owned()),
        more => Err(format!(
            "tidy has {more} complaints: each line says what to do"
        )),
    }
}

impl House {
    fn load(workspace: &Workspace) -> Result<House, String> {
        let listed = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ];
        let listed = Git::of(workspace).ask(&listed);
        let listed =
            listed.map_err(|error| format!("tidy asks git which files are ours: {error}"))?;
        let mut files = BTreeMap::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            // A file that is deleted but not yet committed is still listed.
            if let Ok(bytes) = fs::read(workspace.root.join(path)) {
                files.insert(
                    path.to_owned(),
                    String::from_utf8_lossy(&bytes).into_owned(),
                );
            }
        }
        Ok(House {
            packages: workspace.packages.clone(),
            files,
        })
    }

    fn crates(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_crate())
    }

    fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The Rust files in a folder, and deeper.
    fn rust<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, Source)> + use<'a> {
        let folder = folder.to_owned();
        self.files
            .iter()
            .filter(move |(path, _)| is_in(path, &folder) && path.ends_with(".rs"))
            .map(|(path, text)| (path.as_str(), Source::new(text)))
    }

    /// The Rust files that only tests and benches compile.
    fn test_files(&self) -> BTreeSet<&str> {
        let mut modules = Vec::new();
        for (path, source) in self.rust("") {
            let folder = module_folder(path);
            modules.extend(
                source
                    .test_modules()
                    .iter()
                    .map(|name| format!("{folder}{name}")),
            );
        }
        let named = |path: &str| {
            path.split('/')
                .any(|part| ["tests", "benches"].contains(&part))
                || path.ends_with("/tests.rs")
        };
        let declared = |path: &str| {
            modules
                .iter()
                .any(|module| is_in(path, module) || path.strip_suffix(".rs") == Some(module))
        };
        let rust = self.files.keys().filter(|path| path.ends_with(".rs"));
        rust.map(String::as_str)
            .filter(|path| named(path) || declared(path))
            .collect()
    }
}

impl Complaint {
    fn new(at: impl Into<String>, says: impl Into<String>) -> Complaint {
        Complaint {
            at: at.into(),
            says: says.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.says)
    }
}

fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Where the modules that `path` declares have their files: `src/` for `src/lib.rs`, `src/a/` for `src/a.rs`.
fn module_folder(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file.trim_end_matches(".rs") {
        "lib" | "main" | "mod" => format!("{folder}/"),
        name => format!("{folder}/{name}/"),
    }
}

/// A house made of a few files, for the tests of the rules.
#[cfg(test)]
fn house(packages: Vec<Package>, files: &[(&str, &str)]) -> House {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    House {
        packages,
        files: files.collect(),
    }
}

/// A published crate with normal and with dev dependencies.
#[cfg(test)]
fn package(name: &str, normal: &[&str], dev: &[&str]) -> Package {
    use crate::workspace::{Dependency, Kind};
    let of = |kind| {
        move |name: &&str| Dependency {
            name: (*name).to_owned(),
            requirement: "*".to_owned(),
            kind,
        }
    };
    Package {
        name: name.to_owned(),
        folder: format!("crates/{name}"),
        dependencies: normal
            .iter()
            .map(of(Kind::Normal))
            .chain(dev.iter().map(of(Kind::Dev)))
            .collect(),
        ..Package::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_of_tests_in_its_own_file_is_a_test_file() {
        let house = house(
            Vec::new(),
            &[
                ("crates/a/src/lib.rs", "mod file;"),
                ("crates/a/src/file.rs", "#[cfg(test)]\nmod sim;\nmod disk;"),
                ("crates/a/src/file/sim.rs", ""),
                ("crates/a/src/file/sim/disk.rs", ""),
                ("crates/a/src/file/disk.rs", ""),
                ("crates/a/tests/walk.rs", ""),
            ],
        );
        let tests: Vec<&str> = house.test_files().into_iter().collect();
        let expected = [
            "crates/a/src/file/sim.rs",
            "crates/a/src/file/sim/disk.rs",
            "crates/a/tests/walk.rs",
        ];
        assert_eq!(tests, expected);
    }
}
