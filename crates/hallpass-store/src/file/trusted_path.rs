//! The way to what is stored: whoever may rename on it can put something else in its place.

use std::path::{Path, PathBuf};

use super::folder::failed;
use crate::StoreError;

/// An absolute path without links to a folder or file, there or not yet made, in whose place nobody else can put another; for stores
/// that keep something in files.
///
/// Every folder and link that is passed, the path itself among them, belongs to this user or to root, and of the folders none may be
/// written by others, unless it is sticky: there nobody renames what is not theirs. What is missing can be judged by nobody: ask
/// again once it is made. On Windows nothing is judged, and links stay.
///
/// # Errors
/// [`Refused`](crate::StoreErrorKind::Refused), saying which part of the path and why; another kind where it cannot be looked at.
pub fn trusted_path(path: &Path) -> Result<PathBuf, StoreError> {
    let path =
        std::path::absolute(path).map_err(|error| failed("this path cannot be used", error))?;
    // Without the slash at the end a link is seen as a link.
    let path: PathBuf = path.components().collect();
    #[cfg(unix)]
    let path = unix::walk(&path)?;
    Ok(path)
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsString,
        fs,
        io::ErrorKind,
        os::unix::fs::MetadataExt,
        path::{Path, PathBuf},
    };

    use super::super::folder::{failed, refused};
    use crate::StoreError;

    /// As many as Linux follows.
    const MOST_LINKS: u32 = 40;

    pub(super) fn walk(path: &Path) -> Result<PathBuf, StoreError> {
        let user = rustix::process::geteuid().as_raw();
        let (mut passed, mut links) = (PathBuf::new(), 0);
        let mut ahead = parts_backwards(path);
        while let Some(part) = ahead.pop() {
            if part == ".." {
                passed.pop();
                continue;
            }
            let next = passed.join(part);
            let metadata = match fs::symlink_metadata(&next) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // What it would lead back to is judged by nobody.
                    if ahead.iter().any(|part| part == "..") {
                        return Err(refused(format!(
                            "{next:?} does not exist, and a `..` follows it on the way to what is stored \
                         (make it, or leave both out)"
                        )));
                    }
                    return Ok(ahead.iter().rev().fold(next, |path, part| path.join(part)));
                }
                Err(error) => return Err(failed("a folder above cannot be looked at", error)),
            };
            judge(&next, metadata.uid(), user, metadata.mode())?;
            if metadata.is_symlink() {
                links += 1;
                // Following it as the system does finds one that leads nowhere or in a circle.
                if links > MOST_LINKS || !next.exists() {
                    return Err(refused(format!("{next:?} is a link that leads nowhere")));
                }
                let target = fs::read_link(&next)
                    .map_err(|error| failed("a link above cannot be read", error))?;
                ahead.extend(parts_backwards(&target));
            } else if metadata.is_dir() {
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
                "{path:?}, on the way to what is stored, belongs to another user"
            )));
        }
        let others_write = mode & 0o022 != 0 && mode & STICKY == 0;
        // The mode of a link says nothing: whoever may write the folder it is in may replace it.
        if others_write && mode & KINDS != LINK {
            return Err(refused(format!(
                "{path:?}, a folder on the way to what is stored, has mode {:04o}, so that others may put another one there \
             (chmod go-w closes it)",
                mode & 0o7777
            )));
        }
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        use crate::StoreErrorKind;

        use super::*;

        fn judged(owner: u32, mode: u32) -> Result<(), StoreErrorKind> {
            judge(Path::new("/x"), owner, 7, mode).map_err(|error| error.kind())
        }

        #[test]
        fn a_folder_on_the_way_is_the_users_or_roots_and_nobody_else_renames_in_it() {
            for owner in [0, 7] {
                for mode in [0o40_700, 0o40_755, 0o41_777, 0o43_775, 0o120_777] {
                    assert_eq!(judged(owner, mode), Ok(()), "{owner} {mode:o}");
                }
                for mode in [0o40_777, 0o40_775, 0o40_757, 0o42_770] {
                    let refused = Err(StoreErrorKind::Refused);
                    assert_eq!(judged(owner, mode), refused, "{owner} {mode:o}");
                }
            }
            for mode in [0o40_700, 0o41_777, 0o120_777] {
                assert_eq!(judged(8, mode), Err(StoreErrorKind::Refused), "{mode:o}");
            }
        }
    }
}
