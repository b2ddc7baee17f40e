//! The two-method trait every store implements.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Entry, Key, Revision, StoreError, SwapError};

/// `swap` writes `new` if, and only if, what is stored has revision `expected` (`None`: nothing is
/// stored); every later `load` sees it.
///
/// That is the whole contract. The bytes mean nothing to a store, and a swap is safe to give up at
/// any await point: what is stored then is the old entry or the new one, whole.
/// The feature `conformance` holds the suite that proves an implementation right.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// What is stored under `key`; `None` where nothing is.
    ///
    /// # Errors
    /// A [`StoreError`] where the store cannot tell. It never answers `None` for that.
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError>;

    /// Writes `new` (`None` removes) if what is stored has revision `expected` (`None`: nothing is
    /// stored).
    ///
    /// # Errors
    /// [`SwapError::Conflict`] where something else is stored, [`SwapError::Failed`] where surely
    /// nothing was written, [`SwapError::Unknown`] where it may have been.
    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError>;
}

/// What a store that can list its keys offers besides [`TokenStore`].
#[async_trait]
pub trait ListKeys: Send + Sync {
    /// Every key under which something is stored, in no particular order. An entry that cannot be read has no key that is
    /// known: it is left out, and left for a load of its key to tell.
    ///
    /// # Errors
    /// A [`StoreError`] where the list would not be whole otherwise.
    async fn keys(&self) -> Result<Vec<Key>, StoreError>;
}

macro_rules! through_a_pointer {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: TokenStore + ?Sized> TokenStore for $pointer {
            async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
                (**self).load(key).await
            }

            async fn swap(
                &self,
                key: &Key,
                expected: Option<Revision>,
                new: Option<Entry>,
            ) -> Result<(), SwapError> {
                (**self).swap(key, expected, new).await
            }
        }

        #[async_trait]
        impl<T: ListKeys + ?Sized> ListKeys for $pointer {
            async fn keys(&self) -> Result<Vec<Key>, StoreError> {
                (**self).keys().await
            }
        }
    )*};
}

through_a_pointer!(Arc<T>, Box<T>, &T);
