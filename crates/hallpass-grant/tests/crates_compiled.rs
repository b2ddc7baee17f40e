//! How many crates a user of this one compiles.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this test asks cargo"
)]

use std::env;
use std::process::Command;

/// This crate and all it needs, without default features.
const MOST: usize = 36;

#[test]
fn without_default_features_few_crates_are_compiled_and_no_c_compiler_is_needed() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args([
            "tree",
            "--edges=normal,build",
            "--prefix=none",
            "--no-default-features",
            "--format={p}",
        ])
        .arg("--offline")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    let mut crates: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(crates.len() <= MOST, "{} crates: {crates:?}", crates.len());
    assert!(
        crates.contains(&"hallpass-grant") && !crates.contains(&"url"),
        "{crates:?}"
    );
    let needs_c =
        |name: &&&str| matches!(**name, "cc" | "cmake" | "pkg-config") || name.ends_with("-sys");
    assert_eq!(crates.iter().find(needs_c), None);
}
