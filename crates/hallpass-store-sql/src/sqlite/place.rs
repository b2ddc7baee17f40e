//! The file's place: private before SQLite opens it. SQLite gives the files beside it (`-wal`, `-shm`) the same mode.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hallpass_store::{StoreError, StoreErrorKind, trusted_path};

/// Makes the file where it is missing, and its folder; refuses what is not for this user alone. Returns its absolute path.
pub(super) fn private(file: &Path) -> Result<PathBuf, StoreError> {
    let name = file.file_name().ok_or_else(|| {
        StoreError::new(
            StoreErrorKind::Other,
            "the path does not end in a file's name",
        )
    })?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = trusted_path(folder)?;
    make_folder(&folder).map_err(|error| unavailable("the folder cannot be made", error))?;
    // Again, now that all of it is there: what was missing may have been made by somebody else.
    let folder = trusted_path(&folder)?;
    let folder = fs::canonicalize(folder)
        .map_err(|error| unavailable("the folder cannot be looked at", error))?;
    check_folder(&folder)?;
    let file = folder.join(name);
    if file.to_str().is_none() {
        return Err(StoreError::new(
            StoreErrorKind::Other,
            "SQLite needs a path that is Unicode",
        ));
    }
    make_file(&file).map_err(|error| unavailable("the file cannot be made", error))?;
    let found = fs::symlink_metadata(&file)
        .map_err(|error| unavailable("the file cannot be looked at", error))?;
    check(&found)?;
    for beside in ["-wal", "-shm", "-journal"] {
        let mut name = name.to_owned();
        name.push(beside);
        match fs::symlink_metadata(folder.join(name)) {
            Ok(found) => check(&found)?,
            // Whoever had the file open last has just removed it.
            Err(_) => continue,
        }
    }
    Ok(file)
}

/// Those above it too where they are missing, each open before the next is made in it.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => give_mode(folder, 0o700),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn make_file(file: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => give_mode(file, 0o600),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// The umask may have taken more than is right, or too little.
#[cfg(unix)]
fn give_mode(made: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(made, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn give_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Others who may write to the folder could put a journal beside the file, which SQLite would play back. That it is sticky
/// does not keep them from it.
#[cfg(unix)]
fn check_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_WRITE: u32 = 0o022;
    let found = fs::metadata(folder)
        .map_err(|error| unavailable("the folder cannot be looked at", error))?;
    if found.uid() != us() && found.uid() != 0 {
        return Err(refused("the folder belongs to another user"));
    }
    if found.mode() & OTHERS_WRITE != 0 {
        return Err(refused(
            "others may write to the folder: give the file one of its own (chmod 700)",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn check(found: &fs::Metadata) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    if !found.is_file() {
        return Err(refused("the file, or one beside it, is a link or no file"));
    }
    if found.uid() != us() {
        return Err(refused(
            "the file, or one beside it, belongs to another user",
        ));
    }
    if found.mode() & 0o077 != 0 {
        return Err(refused(
            "the file, or one beside it, is open to others (chmod go-rwx)",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn us() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn check_folder(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(not(unix))]
fn check(found: &fs::Metadata) -> Result<(), StoreError> {
    match found.is_file() {
        true => Ok(()),
        false => Err(refused("the file, or one beside it, is a link or no file")),
    }
}

pub(super) fn refused(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, message.into())
}

pub(super) fn unavailable(message: &'static str, error: io::Error) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}
