//! The few things the file store asks of a file system, so that tests can fail or cut each of them.

use zeroize::Zeroizing;

use crate::StoreError;

/// One folder. Names are plain file names inside it.
pub(crate) trait Disk: Send + Sync {
    /// A new file that is not synced yet.
    type File;
    /// Holds a lock until it is dropped, or its process dies.
    type Lock;

    /// Whether the folder is (still) ours alone.
    fn judge(&self) -> Result<(), StoreError>;

    /// Takes the lock of this name; `None` where somebody else has it.
    fn try_lock(&self, name: &str) -> Result<Option<Self::Lock>, StoreError>;

    /// At most `limit` bytes of the file; `None` where there is none.
    fn read(&self, name: &str, limit: usize) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Makes a file that must not exist yet.
    fn create(&self, name: &str) -> Result<Self::File, StoreError>;

    /// Writes all of it.
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes the file's content last. Takes the file, because a sync that failed may not be tried
    /// again on the same descriptor: the system may have dropped what it could not write.
    fn sync(&self, file: Self::File) -> Result<(), StoreError>;

    /// Puts a file in another's place, at once.
    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError>;

    /// Removes a file; fine where there is none.
    fn remove(&self, name: &str) -> Result<(), StoreError>;

    /// Makes renames and removals last.
    fn sync_folder(&self) -> Result<(), StoreError>;

    /// The names of all files.
    fn names(&self) -> Result<Vec<String>, StoreError>;
}
