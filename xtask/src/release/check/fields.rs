//! What a registry and docs.rs read in a crate's manifest, and what it says of other crates.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};
use serde_json::Value;

use crate::workspace::Workspace;

/// Those of the registry's categories that we use.
const CATEGORIES: &[&str] = &[
    "authentication",
    "command-line-utilities",
    "database",
    "development-tools::testing",
    "parser-implementations",
    "web-programming",
];
const LICENSE: &str = "MIT OR Apache-2.0";
/// What the registry takes.
const KEYWORDS: usize = 5;

/// The manifests of the crates in the tree, as `cargo metadata` reads them.
pub(super) struct Manifests {
    packages: BTreeMap<String, Value>,
}

impl Manifests {
    pub(super) fn load(workspace: &Workspace) -> Result<Manifests, String> {
        let metadata = metadata(workspace.cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
        let crates: BTreeSet<&str> = workspace
            .crates()
            .map(|package| package.name.as_str())
            .collect();
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let packages = packages
            .filter_map(|package| Some((package["name"].as_str()?.to_owned(), package.clone())));
        Ok(Manifests {
            packages: packages
                .filter(|(name, _)| crates.contains(name.as_str()))
                .collect(),
        })
    }

    /// The features that docs.rs builds a crate with, as arguments of cargo.
    pub(super) fn docs_arguments(&self, name: &str) -> Vec<String> {
        let asks = self
            .packages
            .get(name)
            .map(|package| &package["metadata"]["docs"]["rs"]);
        let asks = asks.unwrap_or(&Value::Null);
        let mut arguments = Vec::new();
        for flag in ["all-features", "no-default-features"] {
            if asks[flag].as_bool() == Some(true) {
                arguments.push(format!("--{flag}"));
            }
        }
        let features: Vec<&str> = texts(&asks["features"]);
        if !features.is_empty() {
            arguments.push(format!("--features={}", features.join(",")));
        }
        arguments
    }

    /// Every field of one crate.
    pub(super) fn check(&self, name: &str) -> Result<String, String> {
        let package = self
            .packages
            .get(name)
            .ok_or_else(|| format!("{name} is not a member"))?;
        let mut complaints = fields(package);
        complaints.extend(self.dependencies(package));
        match complaints.is_empty() {
            true => Ok(format!(
                "{} keywords, {} dependencies",
                texts(&package["keywords"]).len(),
                list(&package["dependencies"]).count()
            )),
            false => Err(format!(
                "{name}: {}",
                complaints.join(&format!("\n{name}: "))
            )),
        }
    }

    fn dependencies(&self, package: &Value) -> Vec<String> {
        let mut complaints = Vec::new();
        for dependency in list(&package["dependencies"]) {
            let name = dependency["name"].as_str().unwrap_or_default();
            let (required, is_dev) = (
                dependency["req"].as_str().unwrap_or("*"),
                dependency["kind"] == "dev",
            );
            if dependency["source"]
                .as_str()
                .is_some_and(|source| !source.starts_with("registry+"))
            {
                complaints.push(format!(
                    "`{name}` is from git: depend on what a registry has"
                ));
            }
            match (required, dependency["path"].is_string(), self.version(name)) {
                // Publishing leaves it out, and the tests from the package tell whether it was needed.
                ("*", true, _) if is_dev => {}
                ("*", true, _) => complaints.push(format!(
                    "`{name}` has a path and no version: add its version"
                )),
                ("*", false, _) => complaints.push(format!(
                    "`{name}` may be any version: say the oldest that works"
                )),
                (required, _, Some(version)) => {
                    let accepted = VersionReq::parse(required)
                        .is_ok_and(|required| required.matches(&version));
                    if !accepted {
                        complaints.push(format!("`{name}` is required as `{required}` and is {version} in the tree: correct the requirement"));
                    }
                }
                (_, true, None) => complaints.push(format!(
                    "`{name}` has a path and is not published: depend on what a registry has"
                )),
                (_, false, None) => {}
            }
        }
        complaints
    }

    fn version(&self, name: &str) -> Option<Version> {
        self.packages.get(name)?["version"].as_str()?.parse().ok()
    }

    /// One requirement for each foreign crate among crates that are built together with their lowest versions: a lower one beside a
    /// higher one would never be tried.
    pub(super) fn requirements_agree(&self, names: &[&str]) -> Result<(), String> {
        let mut required: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for name in names {
            let dependencies = self
                .packages
                .get(*name)
                .map(|package| list(&package["dependencies"]));
            let users = dependencies
                .into_iter()
                .flatten()
                .filter(|dependency| dependency["kind"] != "dev");
            for dependency in users.filter(|dependency| !dependency["path"].is_string()) {
                if let (Some(foreign), Some(version)) =
                    (dependency["name"].as_str(), dependency["req"].as_str())
                {
                    required
                        .entry(foreign)
                        .or_default()
                        .entry(version)
                        .or_default()
                        .push(name);
                }
            }
        }
        let complaints: Vec<String> = required
            .iter()
            .filter(|(_, versions)| versions.len() > 1)
            .map(|(name, versions)| {
                let each = versions
                    .iter()
                    .map(|(version, by)| format!("`{version}` by {}", by.join(", ")));
                format!(
                    "`{name}` is required as {}: require one",
                    each.collect::<Vec<_>>().join(" and as ")
                )
            })
            .collect();
        match complaints.is_empty() {
            true => Ok(()),
            false => Err(complaints.join("\n")),
        }
    }
}

/// What stands in `[package]` and in docs.rs's table.
fn fields(package: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut want = |holds: bool, says: &str| {
        if !holds {
            complaints.push(says.to_owned());
        }
    };
    let text = |field: &str| package[field].as_str().unwrap_or_default();
    want(!text("description").is_empty(), "lacks a description");
    want(
        text("license") == LICENSE,
        &format!("its license is not `{LICENSE}`"),
    );
    want(
        text("readme") == "README.md",
        "its readme is not `README.md`",
    );
    want(
        text("repository").starts_with("https://"),
        "lacks a repository",
    );
    want(!text("rust_version").is_empty(), "lacks a rust-version");
    let documentation = format!("https://docs.rs/{}", text("name"));
    want(
        [String::new(), documentation].contains(&text("documentation").to_owned()),
        "its documentation is elsewhere than at docs.rs: leave the field out",
    );
    let keywords = texts(&package["keywords"]);
    want(
        (1..=KEYWORDS).contains(&keywords.len()),
        &format!("has not one to {KEYWORDS} keywords"),
    );
    for keyword in keywords {
        want(
            is_keyword(keyword),
            &format!("the registry takes no keyword like `{keyword}`"),
        );
    }
    let categories = texts(&package["categories"]);
    want(
        (1..=KEYWORDS).contains(&categories.len()),
        &format!("has not one to {KEYWORDS} categories"),
    );
    for category in categories {
        want(
            CATEGORIES.contains(&category),
            &format!("`{category}` is not in the list of categories that we use"),
        );
    }
    let docs = &package["metadata"]["docs"]["rs"];
    want(
        docs["all-features"] == true || docs["features"].is_array(),
        "lacks `[package.metadata.docs.rs]`: write `all-features = true`, or the features that docs.rs can build",
    );
    complaints
}

fn is_keyword(keyword: &str) -> bool {
    keyword.len() <= 20
        && keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
        && keyword
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c))
}

/// What `cargo metadata` answers.
pub(super) fn metadata(mut cargo: std::process::Command) -> Result<Value, String> {
    let output = cargo
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{said}\n{} failed", crate::command::shown(&cargo)));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`cargo metadata` answered what is not JSON: {error}"))
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn texts(value: &Value) -> Vec<&str> {
    list(value).filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "name": "a", "version": "0.2.0", "description": "what it is for", "license": LICENSE, "readme": "README.md",
            "repository": "https://example.org/a", "rust_version": "1.89", "documentation": null,
            "keywords": ["oauth2"], "categories": ["authentication"], "metadata": { "docs": { "rs": { "all-features": true } } },
            "dependencies": [],
        })
    }

    fn manifests(packages: &[Value]) -> Manifests {
        let packages = packages.iter().map(|package| {
            (
                package["name"].as_str().unwrap().to_owned(),
                package.clone(),
            )
        });
        Manifests {
            packages: packages.collect(),
        }
    }

    #[test]
    fn each_field_that_is_missing_or_wrong_is_told() {
        assert_eq!(fields(&good()), Vec::<String>::new());
        for (field, wrong) in [
            ("description", json!(null)),
            ("license", json!("GPL-3.0")),
            ("readme", json!(null)),
            ("repository", json!(null)),
            ("rust_version", json!(null)),
            ("documentation", json!("https://example.org")),
            ("keywords", json!([])),
            ("keywords", json!(["a", "b", "c", "d", "e", "f"])),
            ("keywords", json!(["two words"])),
            ("categories", json!(["authentification"])),
            ("metadata", json!(null)),
        ] {
            let mut package = good();
            package[field] = wrong.clone();
            assert_eq!(fields(&package).len(), 1, "{field} {wrong}");
        }
    }

    #[test]
    fn a_dependency_is_of_a_version_and_from_a_registry() {
        const REGISTRY: &str = "registry+https://example.org/index";
        let sibling = |req: &str, kind: Value| json!({ "name": "b", "req": req, "kind": kind, "path": "/b", "source": null });
        let foreign = |req: &str, source: &str| json!({ "name": "c", "req": req, "kind": null, "source": source });
        let mut b = good();
        b["name"] = json!("b");
        for (dependency, complaints) in [
            (sibling("^0.2.0", json!(null)), 0),
            (sibling("^0.1.0", json!(null)), 1),
            (sibling("*", json!(null)), 1),
            (sibling("*", json!("dev")), 0),
            (foreign("^1", REGISTRY), 0),
            (foreign("*", REGISTRY), 1),
            (foreign("^1", "git+https://example.org/c"), 1),
            (
                json!({ "name": "private", "req": "^1", "kind": null, "path": "/p", "source": null }),
                1,
            ),
        ] {
            let mut a = good();
            a["dependencies"] = json!([dependency]);
            let manifests = manifests(&[a.clone(), b.clone()]);
            assert_eq!(manifests.dependencies(&a).len(), complaints, "{dependency}");
        }
    }

    #[test]
    fn two_requirements_for_one_foreign_crate_are_told() {
        let mut packages = ["a", "b"].map(|name| {
            let mut package = good();
            package["name"] = json!(name);
            package["dependencies"] = json!([{ "name": "c", "req": "^1.2", "kind": null }]);
            package
        });
        assert!(manifests(&packages).requirements_agree(&["a", "b"]).is_ok());
        packages[1]["dependencies"][0]["req"] = json!("^1.3");
        assert!(manifests(&packages).requirements_agree(&["a"]).is_ok());
        let error = manifests(&packages)
            .requirements_agree(&["a", "b"])
            .unwrap_err();
        assert_eq!(
            error,
            "`c` is required as `^1.2` by a and as `^1.3` by b: require one"
        );
    }

    #[test]
    fn docs_are_built_with_what_the_manifest_says() {
        let mut package = good();
        package["metadata"]["docs"]["rs"] =
            json!({ "no-default-features": true, "features": ["x", "y"] });
        let arguments = manifests(&[package]).docs_arguments("a");
        assert_eq!(arguments, ["--no-default-features", "--features=x,y"]);
    }
}
