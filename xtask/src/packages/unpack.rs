//! A package's archive to a folder. Files that did not change are not written again: cargo goes by their time, and an archive has none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;

/// Makes the folder what the archive holds, and returns the archive's size in bytes.
pub(crate) fn unpack(archive: &Path, to: &Path) -> Result<u64, String> {
    let said = |error| format!("{}: {error}", archive.display());
    let size = fs::metadata(archive).map_err(said)?.len();
    let aside = to.with_extension("unpacked");
    let _ = fs::remove_dir_all(&aside);
    fs::create_dir_all(&aside).map_err(said)?;
    let mut tar = Command::new("tar");
    // Without the one folder that everything in it is in.
    tar.args(["--strip-components=1", "-xzf"]).arg(archive);
    command::run_quietly(tar.arg("-C").arg(&aside))?;
    copy(&aside, to)?;
    fs::remove_dir_all(&aside).map_err(said)?;
    Ok(size)
}

/// Makes one folder what the other is.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let wanted: BTreeSet<PathBuf> = files(from)?.into_iter().collect();
    for path in &wanted {
        let bytes =
            fs::read(from.join(path)).map_err(|error| format!("{}: {error}", path.display()))?;
        write(&to.join(path), &bytes)?;
    }
    for old in files(to)?.iter().filter(|path| !wanted.contains(*path)) {
        fs::remove_file(to.join(old)).map_err(|error| format!("{}: {error}", old.display()))?;
    }
    Ok(())
}

/// Writes what is not there already.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Every file in the folder and below, by its path from there; none where there is no folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let (mut found, mut waiting) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inner) = waiting.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&inner)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
            let path = inner.join(entry.file_name());
            match entry.path().is_dir() {
                true => waiting.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_writes_what_changed_removes_what_is_gone_and_leaves_the_rest() {
        let folder = std::env::temp_dir().join(format!("hallpass-unpack-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        for (path, text) in [
            (from.join("src/kept"), "1"),
            (from.join("new"), "2"),
            (to.join("src/kept"), "1"),
            (to.join("gone"), "3"),
        ] {
            write(&path, text.as_bytes()).unwrap();
        }
        let before = fs::metadata(to.join("src/kept"))
            .unwrap()
            .modified()
            .unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(
            files(&to).unwrap(),
            [PathBuf::from("new"), PathBuf::from("src/kept")]
        );
        assert_eq!(
            fs::metadata(to.join("src/kept"))
                .unwrap()
                .modified()
                .unwrap(),
            before
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
