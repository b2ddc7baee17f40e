//! The real folder.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
#[cfg(windows)]
use std::os::windows::fs::OpenOptionsExt;

use zeroize::Zeroizing;

use super::{
    disk::Disk,
    lock::Lock,
    place::{make_all, place, sync_folder},
};
use crate::{StoreError, StoreErrorKind};

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let path = place(path)?;
        make_all(&path)?;
        let folder = Self { path };
        folder.judge()?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Disk for Folder {
    type File = File;
    type Lock = Lock;

    fn judge(&self) -> Result<(), StoreError> {
        let metadata = fs::symlink_metadata(&self.path)
            .map_err(|error| failed("the store's folder cannot be looked at", error))?;
        if !metadata.is_dir() {
            return Err(refused(
                "the store's folder is a link or no folder".to_owned(),
            ));
        }
        Found::from(&metadata).judge("the store's folder")
    }

    fn try_lock(&self, name: &str) -> Result<Option<Lock>, StoreError> {
        let file = match create_ours(&self.at(name)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => open_ours(
                &self.at(name),
                name,
                OpenOptions::new().read(true).write(true),
            )
            .map_err(|error| failed("a lock file cannot be opened", error))??,
            made => made.map_err(|error| failed("a lock file cannot be made", error))?,
        };
        Lock::take(file).map_err(|error| failed("a lock file cannot be locked", error))
    }

    fn read(&self, name: &str, limit: usize) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let file = match open_ours(&self.at(name), name, OpenOptions::new().read(true)) {
            Ok(file) => file?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("an entry cannot be opened", error)),
        };
        let failed = |error| failed("an entry cannot be read", error);
        // Room for all of it at once: a vector that grows leaves copies behind that nobody wipes.
        let length = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or(limit);
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(limit).saturating_add(64)));
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    fn create(&self, name: &str) -> Result<File, StoreError> {
        create_ours(&self.at(name)).map_err(|error| failed("the new file cannot be made", error))
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> Result<(), StoreError> {
        file.write_all(bytes)
            .map_err(|error| failed("the new file cannot be written", error))
    }

    fn sync(&self, file: File) -> Result<(), StoreError> {
        file.sync_all()
            .map_err(|error| failed("the new file cannot be made to last", error))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        fs::rename(self.at(from), self.at(to))
            .map_err(|error| failed("a file cannot be renamed", error))
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        match fs::remove_file(self.at(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed("a file cannot be removed", error))
            }
            _ => Ok(()),
        }
    }

    fn sync_folder(&self) -> Result<(), StoreError> {
        sync_folder(&self.path)
            .map_err(|error| failed("the store's folder cannot be made to last", error))
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        fs::read_dir(&self.path)
            .and_then(|files| {
                files
                    // A name that is no text is none of ours.
                    .filter_map(|file| {
                        file.map(|file| file.file_name().into_string().ok())
                            .transpose()
                    })
                    .collect()
            })
            .map_err(|error| failed("the store's folder cannot be listed", error))
    }
}

/// Opens a file, never through a link and never waiting for a pipe, and looks at what it opened.
pub(super) fn open_ours(
    path: &Path,
    name: &str,
    options: &mut OpenOptions,
) -> io::Result<Result<File, StoreError>> {
    #[cfg(any(unix, windows))]
    options.custom_flags(no_links_no_waiting());
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if is_not_a_file(&error) => {
            return Ok(Err(refused(format!("{name} is a link or no plain file"))));
        }
        Err(error) => return Err(error),
    };
    let found = Found::from(&file.metadata()?);
    if !found.plain_file {
        return Ok(Err(refused(format!("{name} is no plain file"))));
    }
    Ok(found.judge(name).map(|()| file))
}

/// What is known of a file or folder that was found.
struct Found {
    plain_file: bool,
    #[cfg(unix)]
    owner: u32,
    #[cfg(unix)]
    mode: u32,
}

impl From<&Metadata> for Found {
    fn from(metadata: &Metadata) -> Self {
        Self {
            plain_file: metadata.is_file(),
            #[cfg(unix)]
            owner: metadata.uid(),
            #[cfg(unix)]
            mode: metadata.mode() & 0o7777,
        }
    }
}

impl Found {
    #[cfg(unix)]
    fn judge(&self, what: &str) -> Result<(), StoreError> {
        self.judge_for(rustix::process::geteuid().as_raw(), what)
    }

    #[cfg(not(unix))]
    fn judge(&self, _what: &str) -> Result<(), StoreError> {
        Ok(())
    }

    #[cfg(unix)]
    fn judge_for(&self, user: u32, what: &str) -> Result<(), StoreError> {
        if self.owner != user {
            return Err(refused(format!("{what} belongs to another user")));
        }
        if self.mode & 0o077 != 0 {
            return Err(refused(format!(
                "{what} has mode {:04o} and is open to others (chmod go= closes it)",
                self.mode
            )));
        }
        Ok(())
    }
}

/// Makes a file that did not exist, for its owner alone whatever the umask.
pub(super) fn create_ours(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let file = options.open(path)?;
    // A umask can only take away from the mode above, and it may take too much.
    #[cfg(unix)]
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(unix)]
fn no_links_no_waiting() -> i32 {
    use rustix::fs::OFlags;
    // O_NONBLOCK: opening a pipe would wait for its other end. Plain files do not mind it.
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

/// `FILE_FLAG_OPEN_REPARSE_POINT`: of a link the link itself is opened, and that is no plain file. A pipe is never in a folder.
#[cfg(windows)]
const fn no_links_no_waiting() -> u32 {
    0x0020_0000
}

#[cfg(unix)]
fn is_not_a_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    // A link, a socket or device without a reader, a folder.
    [Errno::LOOP, Errno::NXIO, Errno::ISDIR]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(not(unix))]
fn is_not_a_file(error: &io::Error) -> bool {
    error.kind() == ErrorKind::IsADirectory
}

pub(super) fn refused(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, message)
}

pub(super) fn failed(what: &'static str, error: io::Error) -> StoreError {
    StoreError::new(kind_of(&error), what).with_source(error)
}

pub(super) fn kind_of(error: &io::Error) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory => StoreErrorKind::Refused,
        ErrorKind::Unsupported | ErrorKind::InvalidInput | ErrorKind::InvalidFilename => {
            StoreErrorKind::Other
        }
        _ => StoreErrorKind::Unavailable,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn found(owner: u32, mode: u32) -> Found {
        Found {
            plain_file: true,
            owner,
            mode,
        }
    }

    #[test]
    fn only_what_belongs_to_the_user_alone_is_used() {
        assert!(found(7, 0o600).judge_for(7, "x").is_ok());
        assert!(found(7, 0o700).judge_for(7, "x").is_ok());
        for mode in [0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o666, 0o777] {
            let error = found(7, mode).judge_for(7, "x").unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Refused, "{mode:o}");
        }
        let error = found(0, 0o600).judge_for(7, "x").unwrap_err();
        assert!(error.to_string().contains("another user"));
    }
}
