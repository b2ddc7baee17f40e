//! What cargo knows: the packages, where their sources are, and which are linked together.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// All packages of the lock file.
pub(crate) struct Packages(Vec<Package>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The file that its library begins with, or its program where it has no library.
    pub(crate) root: PathBuf,
    is_published: bool,
}

impl Packages {
    pub(crate) fn load(target: &str) -> Result<Self, String> {
        let text = cargo(&[
            "metadata",
            "--format-version=1",
            "--all-features",
            "--filter-platform",
            target,
        ])?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| format!("`cargo metadata` answered what is not JSON: {error}"))?;
        let packages = value["packages"].as_array().into_iter().flatten();
        Ok(Self(packages.filter_map(Package::read).collect()))
    }

    /// Ours that others can depend on, by name.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        let mut published: Vec<_> = self.0.iter().filter(|own| own.is_published).collect();
        published.sort_by(|a, b| a.name.cmp(&b.name));
        published.into_iter()
    }

    pub(crate) fn find(&self, name: &str, version: &str) -> Option<&Package> {
        let is_it = |package: &&Package| package.name == name && package.version == version;
        self.0.iter().find(is_it)
    }
}

impl Package {
    fn read(value: &Value) -> Option<Self> {
        let targets = || value["targets"].as_array().into_iter().flatten();
        let of_kind = |kinds: &[&str]| {
            targets().find(|target| {
                let own = target["kind"].as_array().into_iter().flatten();
                own.filter_map(Value::as_str)
                    .any(|own| kinds.contains(&own))
            })
        };
        let root = of_kind(&["lib", "rlib", "proc-macro", "cdylib", "staticlib", "dylib"])
            .or_else(|| of_kind(&["bin"]))?;
        let folder = Path::new(value["manifest_path"].as_str()?).parent()?;
        Some(Self {
            name: value["name"].as_str()?.to_owned(),
            version: value["version"].as_str()?.to_owned(),
            root: PathBuf::from(root["src_path"].as_str()?),
            is_published: value["source"].is_null()
                && folder
                    .parent()
                    .is_some_and(|parent| parent.ends_with("crates")),
        })
    }
}

/// Name and version of each crate that is linked with this one, itself among them.
pub(crate) fn linked_with(
    name: &str,
    target: &str,
    features: &[&str],
) -> Result<BTreeSet<(String, String)>, String> {
    let mut arguments = vec![
        "tree",
        "--package",
        name,
        "--edges",
        "normal,no-proc-macro",
        "--target",
        target,
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--quiet",
    ];
    arguments.extend(features);
    let text = cargo(&arguments)?;
    Ok(text.lines().filter_map(crate_of).collect())
}

/// `url v2.5.4 (…)`.
fn crate_of(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let (name, version) = (words.next()?, words.next()?);
    Some((name.to_owned(), version.strip_prefix('v')?.to_owned()))
}

fn cargo(arguments: &[&str]) -> Result<String, String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = cargo.args(arguments).output();
    let output = output.map_err(|error| format!("cargo could not be started: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_names_a_crate_and_its_version() {
        let named = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(crate_of("url v2.5.4"), named("url", "2.5.4"));
        assert_eq!(crate_of("url v2.5.4 (*)"), named("url", "2.5.4"));
        assert_eq!(
            crate_of("ours v0.1.0 (crates/ours)"),
            named("ours", "0.1.0")
        );
        assert_eq!(crate_of(""), None);
    }

    #[test]
    fn a_package_is_read_with_the_file_that_its_library_begins_with() {
        let of = |kind: &str, manifest: &str| {
            let value = serde_json::json!({
                "name": "a", "version": "1.0.0", "source": null, "manifest_path": manifest,
                "targets": [{"kind": ["custom-build"], "src_path": "build.rs"}, {"kind": [kind], "src_path": "src/x.rs"}],
            });
            Package::read(&value)
        };
        let library = of("lib", "crates/a/Cargo.toml").unwrap();
        assert_eq!(library.root, Path::new("src/x.rs"));
        assert!(library.is_published);
        assert!(!of("bin", "xtask/a/Cargo.toml").unwrap().is_published);
        assert!(of("example", "crates/a/Cargo.toml").is_none());
    }
}
