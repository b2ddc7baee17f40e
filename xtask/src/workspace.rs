//! The workspace as cargo sees it: its packages, their features and what they depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command;

/// Where everything is, and what there is.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's Cargo.toml.
    pub(crate) root: PathBuf,
    /// Where cargo builds; what the commands install goes there too, never into the tree.
    pub(crate) target: PathBuf,
    /// Every member, in the order of their names.
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Relative to the root, with `/` between its parts.
    pub(crate) folder: String,
    /// Whether there is something that others may import.
    pub(crate) has_library: bool,
    /// As cargo lists them, optional dependencies among them.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    /// The name of what there is to install.
    pub(crate) program: Option<String>,
}

/// One line of a `[dependencies]` table or of its siblings.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Of its version; `*` where none is given.
    pub(crate) requirement: String,
    pub(crate) kind: Kind,
}

/// Which table the dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `[dependencies]` and `[build-dependencies]`: what a user of the crate compiles.
    Normal,
    /// `[dev-dependencies]`: what only our tests and examples compile.
    Dev,
}

impl Workspace {
    /// The one that this is a package of.
    pub(crate) fn load() -> Result<Workspace, String> {
        let here = env::var_os("CARGO_MANIFEST_DIR").ok_or("run this as `cargo xtask`")?;
        Workspace::load_in(Path::new(&here))
    }

    /// The one that this folder is in. Asks `cargo metadata`.
    pub(crate) fn load_in(here: &Path) -> Result<Workspace, String> {
        let mut metadata = cargo();
        metadata
            .args(["metadata", "--format-version=1", "--no-deps", "--quiet"])
            .current_dir(here)
            .stderr(std::process::Stdio::inherit());
        let output = metadata
            .output()
            .map_err(|error| format!("cargo could not be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("{} failed", command::shown(&metadata)));
        }
        let value: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("`cargo metadata` answered what is not JSON: {error}"))?;
        Workspace::read(&value).ok_or_else(|| "`cargo metadata` left something out".to_owned())
    }

    fn read(value: &Value) -> Option<Workspace> {
        let root = PathBuf::from(value["workspace_root"].as_str()?);
        let mut packages = value["packages"]
            .as_array()?
            .iter()
            .map(|package| Package::read(package, &root))
            .collect::<Option<Vec<_>>>()?;
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Workspace {
            target: PathBuf::from(value["target_directory"].as_str()?),
            root,
            packages,
        })
    }

    /// Cargo, to be run in the root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = cargo();
        cargo.args(arguments).current_dir(&self.root);
        cargo
    }

    /// The published crates, none before one that it needs.
    pub(crate) fn in_order(&self) -> Result<Vec<&Package>, String> {
        in_order(self.crates().collect())
    }

    /// The published crates: the members under `crates/`.
    pub(crate) fn crates(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_crate())
    }
}

impl Package {
    fn read(value: &Value, root: &Path) -> Option<Package> {
        let folder = Path::new(value["manifest_path"].as_str()?).parent()?;
        let features = value["features"]
            .as_object()?
            .iter()
            .map(|(name, turns_on)| {
                let turns_on = turns_on.as_array().into_iter().flatten();
                let turns_on = turns_on.filter_map(Value::as_str).map(str::to_owned);
                (name.clone(), turns_on.collect())
            });
        let dependencies = value["dependencies"].as_array()?.iter().map(|dependency| {
            Some(Dependency {
                name: dependency["name"].as_str()?.to_owned(),
                requirement: dependency["req"].as_str()?.to_owned(),
                kind: match dependency["kind"].as_str() {
                    Some("dev") => Kind::Dev,
                    _ => Kind::Normal,
                },
            })
        });
        let mut targets = value["targets"].as_array()?.iter();
        let program = targets.find(|target| target["kind"][0] == "bin");
        Some(Package {
            program: program.and_then(|target| target["name"].as_str().map(str::to_owned)),
            name: value["name"].as_str()?.to_owned(),
            version: value["version"].as_str()?.to_owned(),
            folder: folder.strip_prefix(root).ok()?.to_str()?.replace('\\', "/"),
            has_library: value["targets"].as_array()?.iter().any(is_library),
            features: features.collect(),
            dependencies: dependencies.collect::<Option<Vec<_>>>()?,
        })
    }

    /// The features themselves, those of this package that they name, and what these name in turn.
    pub(crate) fn switched_on(&self, features: Vec<String>) -> BTreeSet<String> {
        let mut on = BTreeSet::new();
        let mut waiting = features;
        while let Some(name) = waiting.pop() {
            let named = self.features.get(&name).into_iter().flatten();
            let named = named.filter(|other| self.features.contains_key(*other));
            let named: Vec<String> = named.cloned().collect();
            if on.insert(name) {
                waiting.extend(named);
            }
        }
        on
    }

    /// What cargo looks for in the registry when it packages this one. A dependency for tests without a version is left out of the
    /// package.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &str> {
        let needs = self
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == Kind::Normal || dependency.requirement != "*");
        needs.map(|dependency| dependency.name.as_str())
    }

    /// Whether it is published, rather than an example or a tool.
    pub(crate) fn is_crate(&self) -> bool {
        self.folder.starts_with("crates/")
    }
}

fn is_library(target: &Value) -> bool {
    let kinds = target["kind"].as_array().into_iter().flatten();
    let mut kinds = kinds.filter_map(Value::as_str);
    kinds.any(|kind| ["lib", "rlib", "proc-macro"].contains(&kind))
}

/// A package of which nothing matters but its features.
#[cfg(test)]
pub(crate) fn with_features(features: &[(&str, &[&str])]) -> Package {
    let features = features.iter().map(|(name, on)| {
        let on = on.iter().map(|on| (*on).to_owned());
        ((*name).to_owned(), on.collect())
    });
    Package {
        features: features.collect(),
        ..Package::default()
    }
}

/// None before one that it needs.
fn in_order(mut waiting: Vec<&Package>) -> Result<Vec<&Package>, String> {
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let is_waiting = |name: &str| waiting.iter().any(|package| package.name == name);
        let (ready, rest): (Vec<&Package>, Vec<&Package>) = waiting
            .iter()
            .partition(|package| !package.needs().any(is_waiting));
        if ready.is_empty() {
            let names: Vec<&str> = rest.iter().map(|package| package.name.as_str()).collect();
            return Err(format!(
                "these crates need each other, and none can be published first: {}",
                names.join(", ")
            ));
        }
        order.extend(ready);
        waiting = rest;
    }
    Ok(order)
}

/// Cargo, without what the cargo that started us told us about this package: build scripts that watch those variables
/// would run again, and their crates compile again, at each change between `cargo xtask` and plain cargo.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        });
        if told {
            cargo.env_remove(name);
        }
    }
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_has_its_crates_and_this_tool() {
        let workspace = Workspace::load().unwrap();
        assert!(
            workspace
                .crates()
                .any(|package| package.name == "hallpass-grant")
        );
        let xtask = workspace
            .packages
            .iter()
            .find(|p| p.name == "xtask")
            .unwrap();
        assert_eq!(xtask.folder, "xtask");
        assert!(!xtask.has_library);
        assert!(!xtask.is_crate());
        let needs = xtask
            .dependencies
            .iter()
            .find(|d| d.name == "toml")
            .unwrap();
        assert_eq!(needs.kind, Kind::Normal);
    }

    #[test]
    fn no_crate_comes_before_one_that_it_needs() {
        let package = |name: &str, needs: &[(&str, Kind, &str)]| Package {
            name: name.to_owned(),
            dependencies: needs
                .iter()
                .map(|(name, kind, requirement)| Dependency {
                    name: (*name).to_owned(),
                    requirement: (*requirement).to_owned(),
                    kind: *kind,
                })
                .collect(),
            ..Package::default()
        };
        let facade = package(
            "facade",
            &[("grant", Kind::Normal, "^1"), ("kit", Kind::Dev, "^1")],
        );
        let grant = package(
            "grant",
            &[("token", Kind::Normal, "*"), ("serde", Kind::Normal, "^1")],
        );
        let token = package("token", &[("grant", Kind::Dev, "*")]);
        let kit = package("kit", &[]);
        let names = |order: Vec<&Package>| -> Vec<String> {
            order.iter().map(|package| package.name.clone()).collect()
        };
        let order = in_order(vec![&facade, &grant, &kit, &token]).unwrap();
        assert_eq!(names(order), ["kit", "token", "grant", "facade"]);
        let circle = package("token", &[("grant", Kind::Normal, "^1")]);
        let error = in_order(vec![&grant, &circle]).unwrap_err();
        assert!(error.starts_with("these crates need each other"), "{error}");
    }
}
