//! What is in a package: the licences, a README whose links live on a registry's page, no more than anybody needs.

use std::fs;
use std::path::Path;

use crate::packages::Packed;
use crate::packages::unpack;
use crate::tidy::links;
use crate::workspace::Workspace;

/// The most that an archive may have, in KB (1,000 bytes), where a crate has no cap of its own.
const CAP: u64 = 60;
/// Crates that are larger, most of it tests and the vectors that they read.
const CAPS: &[(&str, u64)] = &[
    ("hallpass", 200),
    ("hallpass-cli", 180),
    ("hallpass-grant", 240),
    ("hallpass-jose", 130),
    ("hallpass-oidc", 180),
    ("hallpass-session", 110),
    ("hallpass-store", 130),
    ("hallpass-testkit", 260),
];
/// The most that one file of a package may have, in bytes.
const FILE: u64 = 100_000;
const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];
/// What only the repository has a use for.
const UNWANTED: &[&str] = &["api.txt", "benches", "fuzz", "target"];

/// Every file of one package.
pub(super) fn check(workspace: &Workspace, packed: &Packed) -> Result<String, String> {
    let name = &packed.package.name;
    let mut complaints = Vec::new();
    for licence in LICENCES {
        let (ours, packaged) = (
            fs::read(workspace.root.join(licence)),
            fs::read(packed.folder.join(licence)),
        );
        match (ours, packaged) {
            (Ok(ours), Ok(packaged)) if ours == packaged => {}
            (_, Err(_)) => {
                complaints.push(format!("lacks {licence}: link it to the one in the root"))
            }
            _ => complaints.push(format!("its {licence} is another than the one in the root")),
        }
    }
    for needed in ["README.md", "CHANGELOG.md"] {
        if fs::read(packed.folder.join(needed)).map_or(true, |text| text.is_empty()) {
            complaints.push(format!("lacks {needed}"));
        }
    }
    let readme = fs::read_to_string(packed.folder.join("README.md")).unwrap_or_default();
    let is_whole = |target: &str| {
        ["https://", "http://", "mailto:", "#"]
            .iter()
            .any(|head| target.starts_with(head))
    };
    for (line, target) in links(&readme)
        .into_iter()
        .filter(|(_, target)| !is_whole(target))
    {
        complaints.push(format!(
            "README.md:{line}: `{target}` is dead on a registry's page: write its whole address"
        ));
    }
    let files = unpack::files(&packed.folder)?;
    for path in &files {
        complaints.extend(unwanted(path));
        let size = fs::metadata(packed.folder.join(path)).map_or(0, |file| file.len());
        // Cargo writes the lock file itself; `cargo install --locked` reads it.
        if size > FILE && path != Path::new("Cargo.lock") {
            complaints.push(format!(
                "{} has {size} bytes, more than the {FILE} that one file may have",
                path.display()
            ));
        }
    }
    let (size, cap) = (packed.size.div_ceil(1000), cap(name));
    if size > cap {
        complaints.push(format!(
            "has {size} KB, more than its {cap}: leave out what nobody needs, or raise the cap"
        ));
    }
    match complaints.is_empty() {
        true => Ok(format!("{size} KB of at most {cap}, {} files", files.len())),
        false => Err(format!(
            "{name}: {}",
            complaints.join(&format!("\n{name}: "))
        )),
    }
}

fn unwanted(path: &Path) -> Option<String> {
    let first = path.iter().next()?.to_str()?;
    UNWANTED.contains(&first).then(|| {
        format!(
            "{} is of no use outside of the repository: exclude it",
            path.display()
        )
    })
}

fn cap(name: &str) -> u64 {
    let own = CAPS.iter().find(|(known, _)| *known == name);
    own.map_or(CAP, |(_, cap)| *cap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;

    #[test]
    fn a_package_without_a_licence_or_with_too_much_in_it_is_told() {
        let folder = std::env::temp_dir().join(format!("hallpass-files-{}", std::process::id()));
        let (root, package) = (folder.join("root"), folder.join("package"));
        for (path, text) in [
            (root.join("LICENSE-MIT"), "MIT"),
            (root.join("LICENSE-APACHE"), "Apache"),
            (package.join("LICENSE-MIT"), "MIT"),
            (package.join("LICENSE-APACHE"), "Apache"),
            (
                package.join("README.md"),
                "# a, [there](https://example.org)",
            ),
            (package.join("CHANGELOG.md"), "# Changes"),
        ] {
            unpack::write(&path, text.as_bytes()).unwrap();
        }
        let workspace = Workspace {
            root,
            target: folder.clone(),
            packages: Vec::new(),
        };
        let mut packed = Packed {
            package: Package {
                name: "a".to_owned(),
                ..Package::default()
            },
            folder: package.clone(),
            size: 1500,
        };
        assert_eq!(
            check(&workspace, &packed),
            Ok("2 KB of at most 60, 4 files".to_owned())
        );

        packed.size = 61_000;
        unpack::write(&package.join("LICENSE-MIT"), b"../../LICENSE-MIT").unwrap();
        unpack::write(&package.join("README.md"), b"[there](../b)").unwrap();
        unpack::write(&package.join("api.txt"), b"pub mod a").unwrap();
        unpack::write(&package.join("tests/large.json"), &vec![b' '; 100_001]).unwrap();
        fs::remove_file(package.join("LICENSE-APACHE")).unwrap();
        fs::remove_file(package.join("CHANGELOG.md")).unwrap();
        let complaints = check(&workspace, &packed).unwrap_err();
        assert_eq!(complaints.lines().count(), 7, "{complaints}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
