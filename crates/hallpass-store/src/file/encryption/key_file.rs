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
    file::folder::{self, failed, refused},
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

    fn put(&self, new: &Path, path: &Path, key: &EncryptionKey) -> Result<(), StoreError> {
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
        let path = folder::place(&self.path)?;
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
        let path = folder::place(&self.path)?;
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(refused("the key file has no name".to_owned()));
        };
        folder::make_all(above)?;
        let mut new = name.to_owned();
        new.push(format!(".new-{}", *hex::encode(&key.draw::<8>()?)));
        let new = above.join(new);
        let put = self.put(&new, &path, key);
        let removed = fs::remove_file(&new);
        put?;
        removed
            .map_err(|error| failed("the new key file's other name cannot be removed", error))?;
        folder::sync_folder(above)
            .map_err(|error| failed("the key file's folder cannot be made to last", error))
    }
}
