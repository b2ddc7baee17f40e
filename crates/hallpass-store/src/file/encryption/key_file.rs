//! An encryption key in a file.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{EncryptionKey, KeySource, hex};
use crate::{
    StoreError,
    file::{
        folder::{self, failed, refused},
        place::{judge_again, make_all, place, sync_folder},
    },
};

/// Keeps an encryption key in a file: 64 hexadecimal digits and a line break, as `openssl rand -hex 32` writes them.
///
/// The file is made with mode 0600 where there is none, and folders above it with 0700. It is judged as the files of the store are: one
/// that is open to others, belongs to another user or is a link or a pipe is refused, and so is one in a folder where others could put
/// another in its place. Keep it apart from the store's folder, where a copy of the one is not a copy of the other.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// `path` is the place of this file.
    fn keep_at(path: &Path, key: &EncryptionKey) -> Result<(), StoreError> {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(refused("the key file has no name".to_owned()));
        };
        make_all(above)?;
        judge_again(path)?;
        let mut new = name.to_owned();
        new.push(format!(".new-{}", *hex::encode(&key.draw::<8>()?)));
        let new = above.join(new);
        let put = Self::put(&new, path, key);
        let removed = fs::remove_file(&new);
        put?;
        removed
            .map_err(|error| failed("the new key file's other name cannot be removed", error))?;
        sync_folder(above)
            .map_err(|error| failed("the key file's folder cannot be made to last", error))
    }

    fn put(new: &Path, path: &Path, key: &EncryptionKey) -> Result<(), StoreError> {
        let wrong = |error| failed("the new key file cannot be written", error);
        let mut file = folder::create_ours(new).map_err(wrong)?;
        let digits = Zeroizing::new(format!("{}\n", *key.to_hex()));
        file.write_all(digits.as_bytes()).map_err(wrong)?;
        file.sync_all().map_err(wrong)?;
        // Unlike a renaming, a link never takes the place of a key that somebody else was faster to keep.
        match fs::hard_link(new, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(failed("the new key file cannot be given its name", error))
            }
            _ => Ok(()),
        }
    }
}

impl KeySource for KeyFile {
    fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
        const DIGITS: u64 = 64;
        let path = place(&self.path)?;
        let name = format!("the key file {}", path.display());
        let file = match folder::open_ours(&path, &name, OpenOptions::new().read(true)) {
            Ok(file) => file?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("the key file cannot be opened", error)),
        };
        let mut text = Zeroizing::new(Vec::with_capacity(128));
        file.take(DIGITS + 8)
            .read_to_end(&mut text)
            .map_err(|error| failed("the key file cannot be read", error))?;
        match EncryptionKey::from_hex(&text) {
            Some(key) => Ok(Some(key)),
            None => Err(refused(format!(
                "{name} does not hold 64 hexadecimal digits"
            ))),
        }
    }

    fn keep(&self, key: &EncryptionKey) -> Result<(), StoreError> {
        Self::keep_at(&place(&self.path)?, key)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::StoreErrorKind;

    #[test]
    fn a_folder_that_somebody_made_after_the_way_was_judged_gets_no_key() {
        let home = tempfile::tempdir().unwrap();
        let above = home.path().join("above");
        let path = place(&above.join("key")).unwrap();
        fs::create_dir(&above).unwrap();
        fs::set_permissions(&above, fs::Permissions::from_mode(0o777)).unwrap();
        let key = EncryptionKey::from_bytes([1; 32]);
        let error = KeyFile::keep_at(&path, &key).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert_eq!(fs::read_dir(&above).unwrap().count(), 0);
    }
}
