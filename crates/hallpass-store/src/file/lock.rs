//! The lock of one key.

use std::{
    fs::{File, TryLockError},
    io,
};

/// A lock file that is locked until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// `None` where somebody else has it.
    pub(super) fn take(file: File) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that was forked meanwhile has the file open too, and with it the lock.
        // Where this fails, closing is all there is.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_dropped_is_free_though_a_forked_process_has_its_file_open() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lock");
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        File::create(&path).unwrap();
        let lock = Lock::take(open()).unwrap().unwrap();
        // As a forked process has it: the same open file by another descriptor.
        let forked = lock.0.try_clone().unwrap();
        assert!(Lock::take(open()).unwrap().is_none());
        drop(lock);
        assert!(Lock::take(open()).unwrap().is_some());
        drop(forked);
    }
}
