//! Programs outside of the workspace, `xtask/outside/*.rs`: one for each crate, that has it from the registry and from nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use toml::{Table, Value};

use super::said::Said;
use super::scratch::{Scratch, said, write};
use crate::services::registry::{self, Registry};
use crate::workspace::{Package, Workspace};

/// A program's settings stand before it, in lines that begin so.
const SETTING: &str = "//@";
/// The version of a dependency that is another crate of ours.
const OURS: &str = "\"ours\"";

/// Builds and runs a program for each crate of the copy, against the newest version that was published, with the crate's default features
/// and without.
pub(super) fn run(
    workspace: &Workspace,
    scratch: &Scratch,
    registry: &Registry,
) -> Result<(), String> {
    let mut newest = BTreeMap::new();
    for name in &scratch.crates {
        newest.insert(name.clone(), registry.newest(name)?);
    }
    for package in workspace.crates() {
        if newest.contains_key(&package.name) {
            let begun = Instant::now();
            let source = workspace.root.join("xtask/outside");
            let source = source.join(&package.name).with_extension("rs");
            // One that is a library as well is used as one.
            let forms = match &package.program {
                Some(program) if !source.exists() => install(scratch, package, program, &newest)?,
                _ => build(&source, scratch, package, &newest)?,
            };
            let (name, version) = (&package.name, &newest[&package.name]);
            let took = begun.elapsed().as_secs_f64();
            println!("    {name} {version}: {forms}, {took:.1} s");
        }
    }
    Ok(())
}

/// A crate that is a program: installed as its README says, and asked who it is.
fn install(
    scratch: &Scratch,
    package: &Package,
    program: &str,
    newest: &BTreeMap<String, String>,
) -> Result<String, String> {
    let version = &newest[&package.name];
    let to = scratch.folder.join("outside").join(&package.name);
    let mut install = scratch.cargo(&["install", "--debug", "--locked", "--root"]);
    install
        .arg(&to)
        .args(["--registry", registry::NAME, "--version", version])
        .arg(&package.name);
    Said::by(&mut install)?.ok()?;
    let program = to.join("bin").join(program);
    let mut program = std::process::Command::new(program);
    Said::by(program.arg("--version"))?.ok()?.says(&[version])?;
    Ok("installed, and says its version".to_owned())
}

fn build(
    source: &Path,
    scratch: &Scratch,
    package: &Package,
    newest: &BTreeMap<String, String>,
) -> Result<String, String> {
    let name = &package.name;
    let text = fs::read_to_string(source).map_err(|error| {
        format!(
            "{}: {error}: write a program that uses {name} alone",
            source.display()
        )
    })?;
    let settings = settings(&text);
    let folder = scratch.folder.join("outside").join(name);
    write(&folder.join("src/main.rs"), &text)?;
    if settings.iter().any(|(key, _)| *key == "readme") {
        let readme = scratch.read(&format!("crates/{name}/README.md"))?;
        let program = first_program(&readme)
            .ok_or_else(|| format!("{name}: the README begins with no program"))?;
        write(&folder.join("src/readme.rs"), &program)?;
    }
    let has_default = package
        .features
        .get("default")
        .is_some_and(|on| !on.is_empty());
    let manifest = manifest(name, &settings, newest, has_default);
    write(&folder.join("Cargo.toml"), &manifest)?;
    // What the workspace has locked is built already.
    let lock = scratch.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).map_err(said(&lock))?;
    scratch.runs(&folder, &["run"])?;
    comes_from_the_registry(&folder, &scratch.index, newest)?;
    if !has_default {
        return Ok("runs".to_owned());
    }
    scratch.runs(&folder, &["run", "--no-default-features"])?;
    Ok("runs, with its default features and without".to_owned())
}

/// As its author writes it, but for the version, which is the one that is proved.
fn manifest(
    name: &str,
    settings: &[(&str, &str)],
    newest: &BTreeMap<String, String>,
    has_default: bool,
) -> String {
    let ours = |name: &str, features: &str| {
        let (version, registry) = (&newest[name], registry::NAME);
        format!(
            "{name} = {{ version = \"={version}\", registry = \"{registry}\", default-features = false{features} }}\n"
        )
    };
    let features = settings.iter().find(|(key, _)| *key == "features");
    let features = features.map(|(_, features)| format!(", features = {features}"));
    let default = match has_default {
        true => format!("\"{name}/default\""),
        false => String::new(),
    };
    // It is in no workspace, wherever the target folder is.
    let mut manifest = format!(
        "[package]\nname = \"outside-{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[features]\ndefault = [{default}]\n\n[dependencies]\n{}",
        ours(name, &features.unwrap_or_default())
    );
    for (key, value) in settings {
        match (*key, *value) {
            ("features" | "readme", _) => {}
            (name, OURS) => manifest.push_str(&ours(name, "")),
            (name, version) => manifest.push_str(&format!("{name} = {version}\n")),
        }
    }
    manifest
}

fn settings(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().map_while(|line| line.strip_prefix(SETTING));
    let settings = lines.filter_map(|line| line.split_once('='));
    settings
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

/// The first block of Rust, with the lines that a reader is not shown.
fn first_program(readme: &str) -> Option<String> {
    let (_, rest) = readme.split_once("```rust\n")?;
    let (program, _) = rest.split_once("```")?;
    let lines = program.lines().map(|line| match line.strip_prefix('#') {
        Some(hidden) if !hidden.starts_with(['[', '!']) => hidden.trim_start(),
        _ => line,
    });
    Some(lines.collect::<Vec<_>>().join("\n") + "\n")
}

/// Every crate of ours in the lock file is what the registry has.
fn comes_from_the_registry(
    folder: &Path,
    index: &str,
    newest: &BTreeMap<String, String>,
) -> Result<(), String> {
    let path: PathBuf = folder.join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(said(&path))?;
    let lock: Table = lock
        .parse()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let packages = lock.get("package").and_then(Value::as_array);
    for package in packages.into_iter().flatten() {
        let text = |field: &str| {
            package
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (name, source) = (text("name"), text("source"));
        if newest.contains_key(name) && source != index {
            return Err(format!("{}: {name} is from `{source}`", path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_before_the_program() {
        let text =
            "//@ features = [\"c\"]\n//@ b = \"ours\"\n//@ d = \"1\"\nfn main() {}\n//@ e = 1\n";
        let newest = [("a", "0.2.0"), ("b", "0.1.1")];
        let newest = newest.map(|(name, version)| (name.to_owned(), version.to_owned()));
        let manifest = manifest("a", &settings(text), &newest.into(), true);
        let manifest: Table = manifest.parse().unwrap();
        let dependencies = &manifest["dependencies"];
        assert_eq!(dependencies.as_table().unwrap().len(), 3);
        assert_eq!(dependencies["a"]["version"].as_str(), Some("=0.2.0"));
        assert_eq!(dependencies["a"]["features"][0].as_str(), Some("c"));
        assert_eq!(dependencies["b"]["registry"].as_str(), Some("loopback"));
        let default = &manifest["features"]["default"];
        assert_eq!(default[0].as_str(), Some("a/default"));
    }

    #[test]
    fn a_readmes_program_has_its_hidden_lines() {
        let readme = "# a\n\n```rust\n#[derive(Debug)]\nstruct A;\n# fn main() {\n#\n# }\n```\n";
        let program = "#[derive(Debug)]\nstruct A;\nfn main() {\n\n}\n";
        assert_eq!(first_program(readme).as_deref(), Some(program));
    }
}
