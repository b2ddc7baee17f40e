//! Cargo.toml, changed in the places that a release changes and nowhere else.

use std::collections::BTreeMap;

use semver::Version;
use toml_edit::{DocumentMut, Item, TableLike, value};

/// A crate's manifest with another version.
pub(super) fn with_version(text: &str, version: &Version) -> Result<String, String> {
    let mut manifest = parsed(text)?;
    let place = manifest
        .get_mut("package")
        .and_then(|package| member(package, "version"));
    let place = place.ok_or("there is no `package.version` in it")?;
    replace(place, version);
    Ok(manifest.to_string())
}

/// The workspace's manifest with other versions of its own crates.
pub(super) fn with_dependencies(
    text: &str,
    versions: &BTreeMap<&str, &Version>,
) -> Result<String, String> {
    let mut manifest = parsed(text)?;
    let table = manifest
        .get_mut("workspace")
        .and_then(|workspace| member(workspace, "dependencies"))
        .ok_or("there is no `workspace.dependencies` in it")?;
    for (name, version) in versions {
        // A crate that none of the others needs does not stand there.
        if let Some(place) = member(table, name).and_then(|entry| member(entry, "version")) {
            replace(place, version);
        }
    }
    Ok(manifest.to_string())
}

/// Whether a crate gets something else of the workspace's manifest than it did: one of the dependencies that it inherits,
/// or one of the fields. Versions of our own crates are not looked at.
pub(super) fn inherits_other(
    manifest: &str,
    old: &str,
    new: &str,
    is_ours: impl Fn(&str) -> bool,
) -> Result<bool, String> {
    let (manifest, old, new) = (parsed(manifest)?, parsed(old)?, parsed(new)?);
    let tables = ["dependencies", "build-dependencies"];
    let mut inherited = tables
        .iter()
        .flat_map(|table| names(manifest.get(table)))
        .collect::<Vec<_>>();
    let targets = manifest.get("target").and_then(Item::as_table_like);
    for (_, target) in targets.into_iter().flat_map(TableLike::iter) {
        inherited.extend(tables.iter().flat_map(|table| names(target.get(table))));
    }
    let workspace = |of: &DocumentMut, table: &str, name: &str| -> Option<String> {
        let entry = of.get("workspace")?.get(table)?.get(name)?;
        Some(entry.to_string().trim().to_owned())
    };
    let dependency = |name: &&str| {
        !is_ours(name)
            && workspace(&old, "dependencies", name) != workspace(&new, "dependencies", name)
    };
    let field = |name: &&str| workspace(&old, "package", name) != workspace(&new, "package", name);
    Ok(inherited.iter().any(dependency) || names(manifest.get("package")).iter().any(field))
}

/// The members of a table that say `workspace = true`.
fn names(table: Option<&Item>) -> Vec<&str> {
    let table = table.and_then(Item::as_table_like);
    let members = table.into_iter().flat_map(TableLike::iter);
    let inherited = |entry: &Item| entry.get("workspace").and_then(Item::as_bool) == Some(true);
    members
        .filter(|(_, entry)| inherited(entry))
        .map(|(name, _)| name)
        .collect()
}

/// One that is there: toml_edit's own `get_mut` would put it there.
fn member<'a>(item: &'a mut Item, name: &str) -> Option<&'a mut Item> {
    item.as_table_like_mut()?.get_mut(name)
}

/// Keeps what stands before and after it.
fn replace(place: &mut Item, version: &Version) {
    let decor = place.as_value().map(|value| value.decor().clone());
    *place = value(version.to_string());
    if let (Some(value), Some(decor)) = (place.as_value_mut(), decor) {
        *value.decor_mut() = decor;
    }
}

fn parsed(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error| format!("Cargo.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.package]\nedition = \"2024\" # ours\nrepository = \"r\"\n\n[workspace.dependencies]\n# The leaf.\na = { path = \"crates/a\", version = \"0.1.0\", default-features = false }\nurl = \"2.5\"\n";

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn only_the_version_of_a_crate_changes() {
        let text = "[package]\nname = \"a\" # a name\nversion = \"0.1.0\" # a number\n\n[dependencies.b]\nversion = \"0.1.0\"\n";
        let new = with_version(text, &version("0.2.0")).unwrap();
        assert_eq!(new, text.replacen("0.1.0", "0.2.0", 1));
        assert!(with_version("[package]\nname = \"a\"\n", &version("0.2.0")).is_err());
        assert!(
            with_version("[package", &version("0.2.0"))
                .unwrap_err()
                .starts_with("Cargo.toml: ")
        );
    }

    #[test]
    fn only_our_versions_of_the_workspace_change() {
        let two = version("0.2.0");
        let versions = BTreeMap::from([("a", &two), ("nobody-needs-it", &two)]);
        let new = with_dependencies(ROOT, &versions).unwrap();
        assert_eq!(new, ROOT.replace("0.1.0", "0.2.0"));
    }

    #[test]
    fn what_a_crate_inherits_is_a_part_of_it() {
        let manifest = "[package]\nname = \"b\"\nedition.workspace = true\n\n[dependencies]\na.workspace = true\n\n[target.'cfg(unix)'.dependencies]\nurl = { workspace = true }\n";
        let other = |new: &str| inherits_other(manifest, ROOT, new, |name| name == "a").unwrap();
        assert!(!other(ROOT));
        assert!(!other(&ROOT.replace("0.1.0", "0.2.0")), "a version of ours");
        assert!(
            !other(&ROOT.replace("\"r\"", "\"s\"")),
            "a field that it does not inherit"
        );
        assert!(other(&ROOT.replace("2.5", "2.6")));
        assert!(other(&ROOT.replace("2024", "2027")));
    }
}
