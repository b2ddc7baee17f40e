//! The way to the file's folder: whoever may rename on it can put another folder in its place. `hallpass-store` looks at it so
//! for its `FileStore`.

use std::{
    ffi::OsString,
    fs,
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use hallpass_store::StoreError;

use super::place::{refused, unavailable};

/// As many as Linux follows.
const MOST_LINKS: u32 = 40;

/// Where the folder is, or will be made, as an absolute path without links.
///
/// Every folder and link that is passed belongs to this user or to root, and of the folders none may be
/// written by others, unless it is sticky: there nobody renames what is not theirs.
pub(super) fn find(folder: &Path) -> Result<PathBuf, StoreError> {
    let folder = std::path::absolute(folder)
        .map_err(|error| unavailable("the folder cannot be looked at", error))?;
    let user = rustix::process::geteuid().as_raw();
    let (mut passed, mut links) = (PathBuf::new(), 0);
    let mut ahead = parts_backwards(&folder);
    while let Some(part) = ahead.pop() {
        if part == ".." {
            passed.pop();
            continue;
        }
        let next = passed.join(part);
        let found = match fs::symlink_metadata(&next) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // What it would lead back to is judged by nobody.
                if ahead.iter().any(|part| part == "..") {
                    return Err(refused(format!(
                        "{next:?} does not exist, and a `..` follows it on the way to the file (make it, or leave both out)"
                    )));
                }
                return Ok(ahead.iter().rev().fold(next, |path, part| path.join(part)));
            }
            Err(error) => return Err(unavailable("a folder above cannot be looked at", error)),
        };
        judge(&next, found.uid(), user, found.mode())?;
        if found.is_symlink() {
            links += 1;
            // Following it as the system does finds one that leads nowhere or in a circle.
            if links > MOST_LINKS || !next.exists() {
                return Err(refused(format!("{next:?} is a link that leads nowhere")));
            }
            let target = fs::read_link(&next)
                .map_err(|error| unavailable("a link above cannot be read", error))?;
            ahead.extend(parts_backwards(&target));
        } else if found.is_dir() {
            passed = next;
        } else {
            return Err(refused(format!("{next:?} is no folder")));
        }
    }
    Ok(passed)
}

fn parts_backwards(path: &Path) -> Vec<OsString> {
    let parts = path.components().rev();
    parts.map(|part| part.as_os_str().to_owned()).collect()
}

fn judge(path: &Path, owner: u32, user: u32, mode: u32) -> Result<(), StoreError> {
    const LINK: u32 = 0o120_000;
    const KINDS: u32 = 0o170_000;
    const STICKY: u32 = 0o1000;
    if owner != user && owner != 0 {
        return Err(refused(format!(
            "{path:?}, on the way to the file, belongs to another user"
        )));
    }
    let others_write = mode & 0o022 != 0 && mode & STICKY == 0;
    // The mode of a link says nothing: whoever may write the folder it is in may replace it.
    if others_write && mode & KINDS != LINK {
        return Err(refused(format!(
            "{path:?}, a folder on the way to the file, has mode {:04o}, so that others may put another one there (chmod go-w closes it)",
            mode & 0o7777
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hallpass_store::StoreErrorKind;

    use super::*;

    fn judged(owner: u32, mode: u32) -> Result<(), StoreErrorKind> {
        judge(Path::new("/x"), owner, 7, mode).map_err(|error| error.kind())
    }

    #[test]
    fn a_folder_on_the_way_is_the_users_or_roots_and_nobody_else_renames_in_it() {
        for owner in [0, 7] {
            for mode in [0o40_700, 0o40_755, 0o41_777, 0o120_777] {
                assert_eq!(judged(owner, mode), Ok(()), "{owner} {mode:o}");
            }
            for mode in [0o40_777, 0o40_775, 0o42_770] {
                let refused = Err(StoreErrorKind::Refused);
                assert_eq!(judged(owner, mode), refused, "{owner} {mode:o}");
            }
        }
        for mode in [0o40_700, 0o41_777, 0o120_777] {
            assert_eq!(judged(8, mode), Err(StoreErrorKind::Refused), "{mode:o}");
        }
    }
}
