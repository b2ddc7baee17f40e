//! The packages of all crates, made by cargo as `cargo publish` would, and unpacked into a workspace of their own below the
//! target folder. What is built there finds no file of the tree; third-party crates that the tree has compiled serve here too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use crate::command;
use crate::workspace::{Package, Workspace};

pub(crate) mod unpack;

/// Whether what is not committed may be packaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Committed,
    AsItIs,
}

/// Those that could be made, each after the crates that it needs.
pub(crate) struct Packages {
    pub(crate) crates: Vec<Packed>,
    /// Those that could not, each with what cargo says.
    pub(crate) failed: Vec<(String, String)>,
    /// Their workspace.
    pub(crate) folder: PathBuf,
    cargo: Workspace,
}

/// One crate as it would be published.
pub(crate) struct Packed {
    pub(crate) package: Package,
    /// Where it was unpacked.
    pub(crate) folder: PathBuf,
    /// The archive's size in bytes.
    pub(crate) size: u64,
}

impl Packages {
    /// Makes and unpacks them. Those that need one that cannot be packaged fail with it.
    pub(crate) fn pack(workspace: &Workspace, tree: Tree) -> Result<Packages, String> {
        let order = workspace.in_order()?;
        let all: Vec<&str> = order.iter().map(|package| package.name.as_str()).collect();
        let (mut made, mut failed) = (Vec::new(), Vec::new());
        if package(workspace, tree, &all).is_ok() {
            made = all;
        } else {
            // One by one, so that the crate at fault is known.
            for name in all {
                let mut with: Vec<&str> = made.clone();
                with.push(name);
                match package(workspace, tree, &with) {
                    Ok(()) => made = with,
                    Err(error) => failed.push((name.to_owned(), error)),
                }
            }
        }
        let folder = workspace.target.join("packages");
        let crates = order
            .iter()
            .filter(|package| made.contains(&package.name.as_str()))
            .map(|package| {
                let unpacked = folder.join(&package.name);
                let archive = format!("{}-{}.crate", package.name, package.version);
                let archive = workspace.target.join("package").join(archive);
                Ok(Packed {
                    size: unpack::unpack(&archive, &unpacked)?,
                    folder: unpacked,
                    package: (*package).clone(),
                })
            })
            .collect::<Result<Vec<_>, String>>()?;
        let packages = Packages {
            crates,
            failed,
            cargo: Workspace {
                root: folder.clone(),
                target: workspace.target.clone(),
                packages: Vec::new(),
            },
            folder,
        };
        write_workspace(
            workspace,
            &packages.crates.iter().collect::<Vec<_>>(),
            &packages.folder,
        )?;
        Ok(packages)
    }

    /// Cargo in the packages' workspace. It builds beside what is built from the tree, so that third-party crates are shared.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.cargo.cargo(arguments);
        // The same folder by a name that the packages' folders do not begin with: trybuild takes what begins so for what was built.
        cargo.env("CARGO_TARGET_DIR", self.folder.join(".."));
        cargo
    }
}

impl Packed {
    /// The crate as its users compile it: what only tests need may ask for newer versions and for more features.
    pub(crate) fn copy_without_tests(&self, to: &Path) -> Result<(), String> {
        unpack::copy(&self.folder, to)?;
        let manifest = to.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        unpack::write(&manifest, without_tests(&text)?.as_bytes())
    }
}

/// Makes a folder with unpacked crates in it a workspace, with the tree's versions of everything else.
pub(crate) fn write_workspace(
    tree: &Workspace,
    crates: &[&Packed],
    folder: &Path,
) -> Result<(), String> {
    let said = |error| format!("{}: {error}", tree.root.display());
    let manifest = fs::read_to_string(tree.root.join("Cargo.toml")).map_err(said)?;
    let lock = fs::read(tree.root.join("Cargo.lock")).map_err(said)?;
    let manifest: Table = manifest
        .parse()
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let names: Vec<&str> = crates
        .iter()
        .map(|packed| packed.package.name.as_str())
        .collect();
    let needed = crates
        .iter()
        .flat_map(|packed| &packed.package.dependencies);
    let needed: BTreeSet<&str> = needed.map(|dependency| dependency.name.as_str()).collect();
    let text = workspace_of(&manifest, &names, &needed)?;
    unpack::write(&folder.join("Cargo.toml"), text.as_bytes())?;
    unpack::write(&folder.join("Cargo.lock"), &lock)
}

/// The workspace's manifest: siblings are what was unpacked, and the profiles those of the tree, or nothing would be shared.
fn workspace_of(tree: &Table, names: &[&str], needed: &BTreeSet<&str>) -> Result<String, String> {
    let table = |pairs: Vec<(&str, Value)>| -> Value {
        let pairs = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Value::Table(pairs.collect())
    };
    let members = names.iter().map(|name| Value::from(*name)).collect();
    let resolver = tree
        .get("workspace")
        .and_then(|workspace| workspace.get("resolver"));
    let resolver = resolver.cloned().unwrap_or_else(|| Value::from("3"));
    // Each where its requirement looks for it: a copy of the repository may have another registry than cargo's own.
    let mut siblings: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
    for name in names.iter().filter(|name| needed.contains(*name)) {
        let path = table(vec![("path", Value::from(*name))]);
        siblings
            .entry(registry_of(tree, name))
            .or_default()
            .push((name, path));
    }
    let siblings = siblings.into_iter();
    let siblings = siblings.map(|(registry, crates)| (registry, table(crates)));
    let mut manifest = vec![
        (
            "workspace",
            table(vec![
                ("members", Value::Array(members)),
                ("resolver", resolver),
            ]),
        ),
        ("patch", table(siblings.collect())),
    ];
    if let Some(profiles) = tree.get("profile") {
        manifest.push(("profile", profiles.clone()));
    }
    toml::to_string(&table(manifest)).map_err(|error| format!("the packages' Cargo.toml: {error}"))
}

/// The registry that the workspace asks for one of its crates.
fn registry_of<'a>(tree: &'a Table, name: &str) -> &'a str {
    let named = tree.get("workspace").and_then(|workspace| {
        workspace
            .get("dependencies")?
            .get(name)?
            .get("registry")?
            .as_str()
    });
    named.unwrap_or("crates-io")
}

fn package(workspace: &Workspace, tree: Tree, names: &[&str]) -> Result<(), String> {
    let cargo = |connection: &[&str]| {
        let mut cargo = workspace.cargo(&["package", "--quiet", "--no-verify"]);
        if tree == Tree::AsItIs {
            cargo.arg("--allow-dirty");
        }
        cargo.args(connection);
        cargo.args(names.iter().flat_map(|name| ["--package", name]));
        command::run_quietly(&mut cargo).map(drop)
    };
    // Everything that the lock file names was looked up before in most cases, and the registry is asked for each crate otherwise.
    cargo(&["--offline"]).or_else(|_| cargo(&[]))
}

/// The manifest without its dev-dependencies.
fn without_tests(manifest: &str) -> Result<String, String> {
    let mut manifest: Table = manifest
        .parse()
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    manifest.remove("dev-dependencies");
    let targets = manifest.get_mut("target").and_then(Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        if let Some(target) = target.as_table_mut() {
            target.remove("dev-dependencies");
        }
    }
    toml::to_string(&manifest).map_err(|error| format!("Cargo.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_workspace_of_the_packages_has_the_profiles_of_the_tree_and_its_siblings_from_beside() {
        let tree = "[workspace]\nresolver = \"3\"\n[profile.dev]\ndebug = 1\n"
            .parse()
            .unwrap();
        let text = workspace_of(&tree, &["a", "b"], &["a", "serde"].into()).unwrap();
        let read: Table = text.parse().unwrap();
        assert_eq!(read["workspace"]["members"].as_array().unwrap().len(), 2);
        assert_eq!(read["patch"]["crates-io"]["a"]["path"].as_str(), Some("a"));
        assert_eq!(read["patch"]["crates-io"].get("b"), None);
        assert_eq!(read["profile"]["dev"]["debug"].as_integer(), Some(1));
        let tree = "[workspace.dependencies]\na = { version = \"1\", registry = \"r\" }\n";
        let text = workspace_of(&tree.parse().unwrap(), &["a"], &["a"].into()).unwrap();
        let read: Table = text.parse().unwrap();
        assert_eq!(read["patch"]["r"]["a"]["path"].as_str(), Some("a"));
    }

    #[test]
    fn what_only_tests_need_is_left_out() {
        let manifest = "[dependencies.a]\nversion = \"1\"\n[dev-dependencies.b]\nversion = \"2\"\n\
            [target.'cfg(unix)'.dependencies.c]\nversion = \"3\"\n[target.'cfg(unix)'.dev-dependencies.d]\nversion = \"4\"\n";
        let left: Table = without_tests(manifest).unwrap().parse().unwrap();
        assert!(left.contains_key("dependencies") && !left.contains_key("dev-dependencies"));
        let unix = left["target"]["cfg(unix)"].as_table().unwrap();
        assert!(unix.contains_key("dependencies") && !unix.contains_key("dev-dependencies"));
    }
}
