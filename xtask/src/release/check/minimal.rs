//! The oldest versions that our manifests allow: each direct dependency at its lowest, what those need in turn as the tree's lock file
//! has it where that fits. All crates are built together with every feature, and without what only their tests need.

use std::collections::BTreeSet;
use std::fs;

use toml::Table;

use super::Report;
use super::packages::Packages;
use super::unpack;
use crate::command;
use crate::workspace::{Kind, Workspace};

/// Builds the crates with those versions.
pub(super) fn check(
    workspace: &Workspace,
    packages: &Packages,
    report: &mut Report,
) -> Result<(), String> {
    let folder = workspace.target.join("minimal");
    for packed in &packages.crates {
        let own = folder.join(&packed.package.name);
        unpack::copy(&packed.folder, &own)?;
        let manifest = own.join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        unpack::write(&manifest, without_tests(&text)?.as_bytes())?;
    }
    packages.write_manifest(&folder, workspace)?;
    let ours: BTreeSet<&str> = workspace
        .crates()
        .map(|package| package.name.as_str())
        .collect();
    let needed = packages
        .crates
        .iter()
        .flat_map(|packed| &packed.package.dependencies);
    let needed =
        needed.filter(|needed| needed.kind == Kind::Normal && !ours.contains(needed.name.as_str()));
    let direct: BTreeSet<&str> = needed.map(|needed| needed.name.as_str()).collect();
    let cargo = |arguments: &[&str]| {
        let mut cargo = packages.cargo(arguments);
        cargo.current_dir(&folder);
        cargo
    };
    report.time("all", "lowest versions", || {
        let mut update = cargo(&["update", "--quiet", "-Zdirect-minimal-versions"]);
        update.args(&direct).env("RUSTC_BOOTSTRAP", "1");
        command::run_quietly(&mut update)?;
        Ok(format!("found for {} direct dependencies", direct.len()))
    });
    let together = command::run_quietly(&mut cargo(&[
        "check",
        "--quiet",
        "--locked",
        "--workspace",
        "--all-features",
    ]));
    for packed in &packages.crates {
        let name = &packed.package.name;
        report.time(name, "with the lowest versions", || {
            if together.is_err() {
                let one = [
                    "check",
                    "--quiet",
                    "--locked",
                    "--all-features",
                    "--package",
                    name,
                ];
                command::run_quietly(&mut cargo(&one)).map_err(|error| {
                    format!(
                        "{error}\nraise what `{name}` requires to the oldest version that works"
                    )
                })?;
            }
            Ok("builds with all features".to_owned())
        });
    }
    Ok(())
}

/// The manifest without its dev-dependencies: what tests need may ask for newer versions than users get.
fn without_tests(manifest: &str) -> Result<String, String> {
    let mut manifest: Table = manifest
        .parse()
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    manifest.remove("dev-dependencies");
    let targets = manifest
        .get_mut("target")
        .and_then(toml::Value::as_table_mut);
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
    fn what_only_tests_need_is_left_out() {
        let manifest = "[dependencies.a]\nversion = \"1\"\n[dev-dependencies.b]\nversion = \"2\"\n\
            [target.'cfg(unix)'.dependencies.c]\nversion = \"3\"\n[target.'cfg(unix)'.dev-dependencies.d]\nversion = \"4\"\n";
        let left: Table = without_tests(manifest).unwrap().parse().unwrap();
        assert!(left.contains_key("dependencies") && !left.contains_key("dev-dependencies"));
        let unix = left["target"]["cfg(unix)"].as_table().unwrap();
        assert!(unix.contains_key("dependencies") && !unix.contains_key("dev-dependencies"));
    }
}
