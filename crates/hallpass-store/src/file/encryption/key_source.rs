//! Where an encryption key is kept.

use std::{sync::mpsc, thread, time::Duration};

use super::EncryptionKey;
use crate::{StoreError, StoreErrorKind};

/// How long a source may take for all that is asked of it when a store is opened.
const PATIENCE: Duration = Duration::from_secs(5);

/// A place that keeps the key of an encrypted [`FileStore`](crate::FileStore): a [`KeyFile`](crate::KeyFile), the keyring of the
/// operating system, or one of your own.
///
/// It is asked when the store is opened and never again, on a thread of its own; one that does not answer within 5 seconds is given up
/// ([`Unavailable`](StoreErrorKind::Unavailable)), and the store is not opened.
///
/// ```
/// use hallpass_store::{EncryptionKey, KeySource, StoreError};
///
/// /// Keys that somebody else takes care of.
/// struct Vault(/* … */);
///
/// impl KeySource for Vault {
///     fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
///         Ok(Some(EncryptionKey::from_bytes([0x5a; 32])))
///     }
///
///     fn keep(&self, _key: &EncryptionKey) -> Result<(), StoreError> {
///         unreachable!("there is always a key")
///     }
/// }
/// ```
pub trait KeySource: Send + Sync {
    /// The key; `None` where surely none is kept.
    ///
    /// # Errors
    /// A [`StoreError`] where the source cannot tell: it is locked, out of reach, or holds what is no key. It never answers `None` for
    /// that, or sessions would be lost to a new key.
    fn load(&self) -> Result<Option<EncryptionKey>, StoreError>;

    /// Keeps a new key, so that it lasts. Where one is kept already, that one stays, and this is no error: the store loads what is kept.
    ///
    /// # Errors
    /// A [`StoreError`] where it cannot.
    fn keep(&self, key: &EncryptionKey) -> Result<(), StoreError>;
}

impl KeySource for EncryptionKey {
    fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
        Ok(Some(self.clone()))
    }

    fn keep(&self, _key: &EncryptionKey) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The answer of what asks a source, if it comes in time. What hangs keeps its thread; it cannot be stopped.
pub(in crate::file) fn within_its_time<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    within(PATIENCE, ask)
}

pub(super) fn within<T: Send + 'static>(
    patience: Duration,
    ask: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (sender, answer) = mpsc::channel();
    let unavailable = |message: String| StoreError::new(StoreErrorKind::Unavailable, message);
    thread::Builder::new()
        .name("hallpass-store-key".to_owned())
        .spawn(move || sender.send(ask()))
        .map_err(|error| unavailable("no thread could be started".to_owned()).with_source(error))?;
    match answer.recv_timeout(patience) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(unavailable(format!(
            "the encryption key did not come within {patience:?}: what keeps it is locked or hangs"
        ))),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(StoreError::new(
            StoreErrorKind::Other,
            "the source of the encryption key panicked",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_given_up_in_time_and_what_panics_is_told() {
        let (_open, hang) = mpsc::channel::<()>();
        let hung = within(Duration::ZERO, move || {
            let _ = hang.recv();
            Ok(())
        });
        let error = hung.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.to_string().contains("locked or hangs"), "{error}");
        let panicked = within::<()>(PATIENCE, || panic!("on purpose"));
        assert_eq!(panicked.unwrap_err().kind(), StoreErrorKind::Other);
        assert_eq!(within(PATIENCE, || Ok(7)).unwrap(), 7);
        assert!(PATIENCE <= Duration::from_secs(5));
    }
}
