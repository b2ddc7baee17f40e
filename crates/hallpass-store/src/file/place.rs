//! Where the store's folder or a key file is, and how the folders to it are made.

use std::{
    fs::DirBuilder,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

#[cfg(unix)]
use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
};

use super::folder::{failed, kind_of, refused};
use super::trusted_path;
use crate::{StoreError, StoreErrorKind};

/// Where a file or folder is, or will be, as an absolute path; on Unix one on which nobody else can put another in its place.
pub(super) fn place(path: &Path) -> Result<PathBuf, StoreError> {
    let absolute =
        std::path::absolute(path).map_err(|error| failed("this path cannot be used", error))?;
    // Without the slash at the end a link is seen as a link.
    let path: PathBuf = absolute.components().collect();
    // The last part is judged by whoever opens it: a link is refused there.
    match (path.parent(), path.file_name()) {
        (Some(above), Some(name)) => Ok(trusted_path(above)?.join(name)),
        _ => trusted_path(&path),
    }
}

/// Makes the folder of this place and those above it where they are missing, the outermost first, each lasting before the next.
pub(super) fn make_all(folder: &Path) -> Result<(), StoreError> {
    make_missing(folder)?;
    judge_again(folder)
}

/// What was missing when the place was found could be judged by nobody, and somebody else may have made it since.
pub(super) fn judge_again(found: &Path) -> Result<(), StoreError> {
    match place(found)? == found {
        true => Ok(()),
        false => Err(refused(format!(
            "the way to {found:?} was changed while it was opened"
        ))),
    }
}

fn make_missing(folder: &Path) -> Result<(), StoreError> {
    let missing: Vec<_> = folder
        .ancestors()
        .take_while(|path| !path.exists())
        .collect();
    for path in missing.iter().rev() {
        match new_folder().create(path) {
            Ok(()) => {
                own_rights(path).map_err(|error| not_made(path, error))?;
                // A folder above may be one we can write but not open; nothing is stored yet.
                let _ = path.parent().map(sync_folder);
            }
            // Another process was faster, or a link leads nowhere: judge it.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(not_made(path, error)),
        }
    }
    Ok(())
}

/// For its owner alone; a umask can only take away from that.
fn new_folder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "a mode is a thing of Unix"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    builder
}

/// A umask may have taken rights of the owner from a folder that was just made.
#[cfg(unix)]
fn own_rights(path: &Path) -> io::Result<()> {
    use rustix::fs::OFlags;
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits().cast_signed();
    let ours = fs::Permissions::from_mode(0o700);
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(folder) => folder.set_permissions(ours),
        // A umask that takes the right to read: nobody else can have put something in the place of a folder of ours, see `above`.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            fs::set_permissions(path, ours)
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn own_rights(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file, and the system orders its changes itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Where no folder can be made there will be none at the next try either, unless the disk is full or failing.
fn not_made(path: &Path, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        ErrorKind::NotFound => StoreErrorKind::Refused,
        _ => kind_of(&error),
    };
    let what = format!("the folder {} cannot be made", path.display());
    StoreError::new(kind, what).with_source(error)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    fn folder(path: &Path, mode: u32) {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_link_in_place_of_a_folder_that_was_made_changes_no_other_folder() {
        let home = tempfile::tempdir().unwrap();
        let (other, link) = (home.path().join("other"), home.path().join("link"));
        DirBuilder::new().mode(0o755).create(&other).unwrap();
        let before = fs::metadata(&other).unwrap().mode();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert!(own_rights(&link).is_err());
        assert_eq!(fs::metadata(&other).unwrap().mode(), before);
        own_rights(&other).unwrap();
        assert_eq!(fs::metadata(&other).unwrap().mode() & 0o7777, 0o700);
    }

    #[test]
    fn a_folder_above_that_somebody_made_after_the_way_was_judged_is_judged_too() {
        for mode in [0o777, 0o775, 0o757] {
            let home = tempfile::tempdir().unwrap();
            let tokens = place(&home.path().join("above/tokens")).unwrap();
            folder(&home.path().join("above"), mode);
            let error = make_all(&tokens).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Refused, "{mode:o}");
            assert!(error.to_string().contains("chmod go-w"), "{error}");
        }
    }

    #[test]
    fn a_link_that_somebody_made_after_the_way_was_judged_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let tokens = place(&home.path().join("above/tokens")).unwrap();
        folder(&home.path().join("elsewhere"), 0o700);
        symlink("elsewhere", home.path().join("above")).unwrap();
        let error = make_all(&tokens).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert!(error.to_string().contains("changed"), "{error}");
    }
}
