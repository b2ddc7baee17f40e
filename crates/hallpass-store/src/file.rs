//! A folder of files, one per key.

mod disk;
#[cfg(feature = "encryption")]
mod encryption;
mod engine;
mod folder;
mod format;
mod lock;
mod place;
#[cfg(test)]
mod sim;
mod trusted_path;
mod turns;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;

#[cfg(feature = "encryption")]
use self::format::Form;
use self::{engine::Engine, folder::Folder, turns::Turns};
use crate::{
    Entry, Key, ListKeys, Revision, StoreError, SwapError, TokenStore, Unblocked, blocking,
};

#[cfg(feature = "keyring")]
pub use self::encryption::OsKeyring;
#[cfg(feature = "encryption")]
pub use self::encryption::{EncryptionKey, KeyFile, KeySource};
pub use self::trusted_path::trusted_path;

/// Keeps each entry in a file of its own in one folder, safe across threads, processes and crashes.
///
/// - A write is a new file, written, synced and renamed over the old one, and then the folder is
///   synced: whatever the moment of a crash or a power cut, what is there is the old entry or the
///   new one, whole. An error after the rename is [`SwapError::Unknown`], before it
///   [`SwapError::Failed`].
/// - Compare-and-swap holds between processes: each key has a lock file, which is never renamed
///   or removed. A lock held by somebody else is waited for, 5 seconds unless told otherwise
///   ([`with_patience`](Self::with_patience)); the system frees it when its holder dies.
/// - The folder is made with mode 0700 and files with 0600, whatever the umask. A folder or file that
///   others may read or write, that belongs to another user, or that is a link or a pipe is refused.
/// - The way to the folder is looked at when it is opened, and again once what was missing is made: each folder and link on it has to be this user's or root's,
///   and others may not write to one of the folders unless it is sticky, as `/tmp` is.
/// - Files are named by the SHA-256 of the key. The key itself is in the file, in clear, and so are
///   the bytes, unless the store was opened with `open_encrypted` (feature `encryption`).
/// - A load changes no file and waits for no lock. One that cannot be read (torn, changed, written by a later version) is
///   [`Corrupt`](crate::StoreErrorKind::Corrupt), and is renamed to `….corrupt-1` so that the next
///   load finds nothing and a new login can be kept; it is never deleted.
/// - A list of the keys goes past what cannot be read ([`unreadable`](Self::unreadable) tells it), and past files
///   that are not this store's.
///
/// The folder must be on a file system with locks that hold between all who use it (a local disk).
/// An entry holds at most 16 MiB.
///
/// A `FileStore` is a handle: clone it freely. It blocks by nature and implements the [blocking
/// twin](blocking::TokenStore); its [`TokenStore`] does the same work on threads of its own (see
/// [`Unblocked`]). There the swaps of one key by one handle and its clones take turns, so that a lock that stays held keeps
/// one thread; those that waited behind a swap that was [`Busy`](crate::StoreErrorKind::Busy) are busy with it, and so is
/// one that finds 1,000 waiting.
///
/// ```
/// use hallpass_store::{Entry, FileStore, Key, Revision, blocking::TokenStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = tempfile::tempdir()?;
/// let store = FileStore::open(home.path().join("tokens"))?;
/// let key = Key::new("ada@example.org");
/// let revision = Revision::from_bytes(*b"16 random bytes!");
/// store.swap(&key, None, Some(Entry::new(revision, b"a record".to_vec())))?;
/// assert_eq!(store.load(&key)?.unwrap().revision, revision);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FileStore {
    engine: Arc<Engine<Folder>>,
    turns: Arc<Turns<Folder>>,
}

impl FileStore {
    /// Opens the store in `folder`, and makes it (and the folders above it) with mode 0700 where
    /// it does not exist. This looks at the first bytes of each file, to find a folder that is encrypted.
    ///
    /// # Errors
    /// [`Refused`](crate::StoreErrorKind::Refused) where the folder is a link or no folder, is encrypted,
    /// belongs to another user or is open to others, where others could put another in its place, or where `..` follows a
    /// folder on the way that does not exist;
    /// [`Unavailable`](crate::StoreErrorKind::Unavailable) where it cannot be made.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let engine = Engine::new(Folder::open(folder.as_ref())?);
        engine.refuse_encrypted()?;
        Ok(Self::of(engine))
    }

    /// Opens the store in `folder` as [`open`](Self::open) does, and encrypts its files with the key that `source` keeps; where the folder
    /// has no key and the source has none, one is drawn from the system's random source and kept there.
    ///
    /// Keys and bytes are encrypted with XChaCha20-Poly1305, each write with a nonce of its own, and bound to the revision and to the
    /// file's name: no file can be put in the place of another. What stays to be seen is how many entries there are, how long they
    /// are, their revisions and when they were written. Somebody who may write the folder can put an older file of the same key back.
    ///
    /// A folder that was opened so once is not opened in plain or with another key again, and a handle that was opened in plain before
    /// writes nothing more. Where `encryption.key-id`, the file that names the key, is gone, only the key of the files is taken. A file in plain is refused; see
    /// [`encrypt_plain_files`](Self::encrypt_plain_files). A file under another key is refused too and left where it is.
    ///
    /// This blocks the thread, while the source is asked for up to 5 seconds.
    ///
    /// ```
    /// use hallpass_store::{FileStore, KeyFile};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let home = tempfile::tempdir()?;
    /// let key = KeyFile::new(home.path().join("key"));
    /// let store = FileStore::open_encrypted(home.path().join("tokens"), key)?;
    /// assert!(FileStore::open(store.folder()).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`open`](Self::open) and of the source; [`Refused`](crate::StoreErrorKind::Refused) where the folder is encrypted with
    /// another key, or its key is gone; [`Unavailable`](crate::StoreErrorKind::Unavailable) where the source does not
    /// answer. It never goes on without encryption.
    #[cfg(feature = "encryption")]
    pub fn open_encrypted(
        folder: impl AsRef<Path>,
        source: impl KeySource + 'static,
    ) -> Result<Self, StoreError> {
        let folder = Folder::open(folder.as_ref())?;
        let engine = Engine::new(folder.clone());
        let key = encryption::within_its_time(move || engine.encryption_key(&source))?;
        Ok(Self::of(Engine::new(folder).with_form(Form::Sealed(key))))
    }

    /// Encrypts what a folder holds from the time before it was encrypted, and says how many entries that were: call it once, when no
    /// program that opens the folder in plain runs any more. In a store that does not encrypt it does nothing.
    ///
    /// Until then each of them is refused. Files that were set aside as damaged are left as they are, and what was in plain may stay on
    /// the disk, where no file is, until something else is written there. This blocks the thread.
    ///
    /// # Errors
    /// A [`StoreError`] where one could not be written; those before it are encrypted, and it can be called again.
    #[cfg(feature = "encryption")]
    pub fn encrypt_plain_files(&self) -> Result<usize, StoreError> {
        self.engine.encrypt_plain_files()
    }

    /// Another handle that waits this long for a lock that somebody else holds, in steps of at most
    /// 20 ms; with zero it tries once.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        let folder = self.engine.disk().clone();
        let form = self.engine.form().clone();
        Self::of(Engine::new(folder).with_form(form).with_patience(patience))
    }

    /// The folder, as an absolute path; on Unix without links.
    pub fn folder(&self) -> &Path {
        self.engine.disk().path()
    }

    /// What is wrong with each file that [`ListKeys`] left out: damaged
    /// ([`Corrupt`](crate::StoreErrorKind::Corrupt)), or open to others, another user's, a link
    /// ([`Refused`](crate::StoreErrorKind::Refused)). Every file is left as it is. This blocks the thread.
    ///
    /// # Errors
    /// A [`StoreError`] where the folder cannot be looked through.
    pub fn unreadable(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(self.engine.list()?.unreadable)
    }

    fn of(engine: Engine<Folder>) -> Self {
        let engine = Arc::new(engine);
        Self {
            turns: Arc::new(Turns::new(Arc::clone(&engine))),
            engine,
        }
    }

    fn unblocked(&self) -> Unblocked<Engine<Folder>> {
        Unblocked::from(Arc::clone(&self.engine))
    }
}

impl blocking::TokenStore for FileStore {
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.engine.load(key)
    }

    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.engine.swap(key, expected, new)
    }
}

impl blocking::ListKeys for FileStore {
    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.engine.list()?.keys)
    }
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.unblocked().load(key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.turns.swap(key, expected, new).await
    }
}

#[async_trait]
impl ListKeys for FileStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.unblocked().keys().await
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.folder()).finish()
    }
}
