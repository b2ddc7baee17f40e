//! The program as cargo calls it, on a crate of one file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CRATE: &str = "
pub struct Door(());
impl Door { pub fn open(&self) {} }
impl Clone for Door { fn clone(&self) -> Self { Door(()) } }
pub struct Bell(*const u8);
#[cfg(feature = \"lock\")]
pub fn lock() {}
";

/// Runs it on that crate with the lock switched on, as cargo would.
fn list(folder: &Path, sets: Option<&str>) -> Output {
    let source = folder.join("lib.rs");
    fs::write(&source, CRATE).unwrap();
    if let Some(sets) = sets {
        fs::create_dir_all(folder.join("house")).unwrap();
        fs::write(folder.join("house/sets"), sets).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_api"))
        .args(["--edition=2024", "--crate-type", "lib", "--crate-name"])
        .arg("house")
        .arg(&source)
        .arg("-o")
        .arg(folder.join("doc"))
        .args(["--cfg", "feature=\"lock\"", "--cfg=hallpass_api=\"7\""])
        .env("HALLPASS_API", folder)
        .env("CARGO_PKG_NAME", "house")
        .output()
        .unwrap()
}

#[test]
fn a_crate_is_listed_with_each_set_of_its_features() {
    let folder = tempfile::tempdir().unwrap();
    let output = list(folder.path(), Some("all: lock\nnone: \n"));
    assert!(output.status.success(), "{output:?}");
    let read = |name| fs::read_to_string(folder.path().join("house").join(name)).unwrap();
    let none = "\
pub mod house
pub struct house::Bell(_)
impl !core::marker::Send for house::Bell
impl !core::marker::Sync for house::Bell
pub struct house::Door(_)
pub fn house::Door::open(&self)
impl core::clone::Clone for house::Door
";
    assert_eq!(read("none.txt"), none);
    assert_eq!(read("all.txt"), format!("{none}pub fn house::lock()\n"));
    assert!(read("all.json").contains("format_version"));
    assert!(folder.path().join("doc/house/index.html").exists());
}

#[test]
fn a_crate_that_nobody_asks_for_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let output = list(folder.path(), None);
    assert!(output.status.success(), "{output:?}");
    assert!(!folder.path().join("house").exists());
    assert!(!folder.path().join("doc/house/all.html").exists());
}
