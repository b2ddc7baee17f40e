//! `cargo xtask sbom`: a software bill of materials (CycloneDX 1.5, JSON) for each published crate: what somebody compiles who depends on it.
//!
//! It is drawn from the crate's package, alone: in the workspace one member's features would turn up in another's. What comes with the
//! default features is `required`, what only other features or platforms bring is `optional`, what only the build needs is
//! `excluded`; tests are not in it. Versions are those that were tested, of Cargo.lock. The same commit gives the same bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command;
use crate::git::Git;
use crate::packages::{Packages, Tree, unpack};
use crate::tools;
use crate::workspace::{Package, Workspace};

/// Where a published crate comes from, as cargo names it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Writes those of the named crates, or of all.
pub(crate) fn run(names: &[&str]) -> Result<(), String> {
    let workspace = Workspace::load()?;
    for path in write(&workspace, names)? {
        let path = path.strip_prefix(&workspace.root).unwrap_or(&path);
        println!("{}", path.display());
    }
    Ok(())
}

/// Writes `target/sbom/<crate>-<version>.cdx.json` for each of the named crates, or for all, and returns their paths.
pub(crate) fn write(workspace: &Workspace, names: &[&str]) -> Result<Vec<PathBuf>, String> {
    let known: Vec<&str> = workspace.crates().map(|own| own.name.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("no published crate is called `{name}`"));
    }
    let time = Git::of(workspace).ask(&["log", "-1", "--format=%ct"])?;
    let folder = workspace.target.join("sbom");
    // Nothing of an earlier version may be found.
    let _ = fs::remove_dir_all(&folder);
    let packages = apart(workspace, &folder.join("packages"))?;
    let is_asked = |name: &str| names.is_empty() || names.contains(&name);
    let mut written = Vec::new();
    for (name, package) in packages.iter().filter(|(name, _)| is_asked(name)) {
        let draw = |features: &[&str]| {
            let mut tool = tools::cargo_cyclonedx(workspace)?;
            tool.args(["--format", "json", "--spec-version", "1.5"])
                .args(["--target", "all", "--quiet", "--override-filename", "bom"])
                .args(features)
                .current_dir(package)
                .env("SOURCE_DATE_EPOCH", time.trim());
            command::run_quietly(&mut tool)?;
            read(&package.join("bom.json"))
        };
        let all = draw(&["--all-features"])?;
        let default = draw(&[])?;
        let bom = finished(all, &default, &known);
        check(&bom).map_err(|wrong| format!("the bill of materials of {name} {wrong}"))?;
        let text = serde_json::to_string_pretty(&bom).map_err(|error| error.to_string())?;
        let stem = package.file_name().unwrap_or_default().to_string_lossy();
        let path = folder.join(format!("{stem}.cdx.json"));
        fs::write(&path, text + "\n").map_err(said(&path))?;
        written.push(path);
    }
    Ok(written)
}

/// Every package in a folder that is a workspace of its own and takes our other crates from beside it: those need not be published yet.
fn apart(workspace: &Workspace, folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let packages = Packages::pack(workspace, Tree::AsItIs)?;
    if let Some((name, error)) = packages.failed.first() {
        return Err(format!("{error}\n{name} cannot be packaged"));
    }
    let mut patches = "[patch.crates-io]\n".to_owned();
    let mut apart = Vec::new();
    for packed in &packages.crates {
        let Package { name, version, .. } = &packed.package;
        let own = folder.join(format!("{name}-{version}"));
        packed.copy_without_tests(&own)?;
        let manifest = own.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).map_err(said(&manifest))?;
        unpack::write(&manifest, format!("{text}\n[workspace]\n").as_bytes())?;
        patches += &format!("{name}.path = {}\n", Value::from(&*own.to_string_lossy()));
        apart.push((name.clone(), own));
    }
    unpack::write(&folder.join(".cargo/config.toml"), patches.as_bytes())?;
    Ok(apart)
}

fn said(path: &Path) -> impl FnOnce(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

fn read(path: &Path) -> Result<Value, String> {
    let text = fs::read(path).map_err(said(path))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The bill with all features: nothing in it says where it was drawn, and what the other has not is optional.
fn finished(mut all: Value, default: &Value, own: &[&str]) -> Value {
    let refs = |bom: &Value| -> BTreeSet<String> {
        let components = bom["components"].as_array().into_iter().flatten();
        let refs = components.filter_map(|component| component["bom-ref"].as_str());
        refs.map(str::to_owned).collect()
    };
    let usual = refs(default);
    for component in all["components"].as_array_mut().into_iter().flatten() {
        let is_usual = component["bom-ref"]
            .as_str()
            .is_some_and(|own| usual.contains(own));
        if !is_usual && component["scope"] == "required" {
            component["scope"] = "optional".into();
        }
    }
    texts(&mut all, &|text| published(text, own));
    all
}

/// Every text of a value, changed.
fn texts(value: &mut Value, change: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| texts(value, change)),
        Value::Object(members) => members.values_mut().for_each(|value| texts(value, change)),
        _ => {}
    }
}

/// A reference to a folder or an address of one, as it is for whoever takes the crate from the registry.
fn published(text: &str, own: &[&str]) -> Option<String> {
    if let Some((purl, rest)) = text.split_once("?download_url=file:") {
        let part = rest
            .split_once('#')
            .map_or(String::new(), |(_, part)| format!("#{part}"));
        return Some(format!("{purl}{part}"));
    }
    let (_, id) = text.strip_prefix("path+file:")?.rsplit_once('#')?;
    let name = id.split('@').next()?;
    own.contains(&name).then(|| format!("{REGISTRY}#{id}"))
}

/// Whether it holds together and tells nothing of this machine.
fn check(bom: &Value) -> Result<(), String> {
    let text = bom.to_string();
    if text.contains("file:") {
        return Err("names a folder of this machine".to_owned());
    }
    let of = |value: &Value| value["bom-ref"].as_str().map(str::to_owned);
    let components = bom["components"].as_array().into_iter().flatten();
    let known: BTreeSet<String> = components
        .chain([&bom["metadata"]["component"]])
        .filter_map(of)
        .collect();
    let edges = bom["dependencies"].as_array().into_iter().flatten();
    let ends = edges.flat_map(|edge| {
        let to = edge["dependsOn"].as_array().into_iter().flatten();
        to.chain([&edge["ref"]]).filter_map(Value::as_str)
    });
    let ends: BTreeSet<String> = ends.map(str::to_owned).collect();
    match (known.is_empty(), ends.difference(&known).next()) {
        (false, None) => Ok(()),
        (true, _) => Err("is empty".to_owned()),
        (_, Some(unknown)) => Err(format!("has no component {unknown}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OWN: &[&str] = &["hallpass-store", "hallpass-store-redis"];

    fn bom(components: &[(&str, &str)]) -> Value {
        let components = components
            .iter()
            .map(|(name, scope)| json!({"bom-ref": name, "scope": scope}));
        json!({"components": components.collect::<Vec<_>>()})
    }

    #[test]
    fn what_only_other_features_bring_is_optional() {
        let all = bom(&[("a", "required"), ("b", "required"), ("c", "excluded")]);
        let finished = finished(all, &bom(&[("a", "required")]), OWN);
        assert_eq!(
            finished,
            bom(&[("a", "required"), ("b", "optional"), ("c", "excluded")])
        );
    }

    #[test]
    fn nothing_names_a_folder_of_the_machine() {
        for (drawn, published_as) in [
            (
                "path+file:///a/b#hallpass-store@0.1.0",
                "registry+https://github.com/rust-lang/crates.io-index#hallpass-store@0.1.0",
            ),
            (
                "pkg:cargo/hallpass-store@0.1.0?download_url=file://.",
                "pkg:cargo/hallpass-store@0.1.0",
            ),
            (
                "pkg:cargo/hallpass-store@0.1.0?download_url=file://.#src/lib.rs",
                "pkg:cargo/hallpass-store@0.1.0#src/lib.rs",
            ),
        ] {
            assert_eq!(published(drawn, OWN).as_deref(), Some(published_as));
        }
        for kept in ["pkg:cargo/url@2.5.4", "path+file:///a/b#stranger@0.1.0"] {
            assert_eq!(published(kept, OWN), None);
        }
    }

    #[test]
    fn a_bill_that_names_a_folder_or_what_is_not_in_it_is_refused() {
        let whole = json!({
            "metadata": {"component": {"bom-ref": "x"}},
            "components": [{"bom-ref": "a"}],
            "dependencies": [{"ref": "x", "dependsOn": ["a"]}],
        });
        assert_eq!(check(&whole), Ok(()));
        let mut dangling = whole.clone();
        dangling["components"] = json!([]);
        assert!(check(&dangling).unwrap_err().contains("no component a"));
        let mut local = whole;
        local["components"][0]["purl"] = "file:///a".into();
        assert!(check(&local).unwrap_err().contains("names a folder"));
        assert!(check(&json!({})).unwrap_err().contains("empty"));
    }
}
