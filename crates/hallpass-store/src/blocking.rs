//! The twins of [`TokenStore`](crate::TokenStore) and [`ListKeys`](crate::ListKeys) for stores
//! that block the calling thread.
//!
//! [`Unblocked`](crate::Unblocked) makes an asynchronous store of any of them. Import one of the
//! twins, not both: their methods have the same names.

use std::sync::Arc;

use crate::{Entry, Key, Revision, StoreError, SwapError};

/// `swap` writes `new` if, and only if, what is stored has revision `expected` (`None`: nothing is
/// stored); every later `load` sees it.
pub trait TokenStore: Send + Sync {
    /// What is stored under `key`; `None` where nothing is.
    ///
    /// # Errors
    /// A [`StoreError`] where the store cannot tell. It never answers `None` for that.
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError>;

    /// Writes `new` (`None` removes) if what is stored has revision `expected` (`None`: nothing is
    /// stored).
    ///
    /// # Errors
    /// [`SwapError::Conflict`] where something else is stored, [`SwapError::Failed`] where surely
    /// nothing was written, [`SwapError::Unknown`] where it may have been.
    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError>;
}

/// What a store that can list its keys offers besides [`TokenStore`].
pub trait ListKeys: Send + Sync {
    /// Every key under which something is stored, in no particular order. An entry that cannot be read has no key that is
    /// known: it is left out, and left for a load of its key to tell.
    ///
    /// # Errors
    /// A [`StoreError`] where the list would not be whole otherwise.
    fn keys(&self) -> Result<Vec<Key>, StoreError>;
}

macro_rules! through_a_pointer {
    ($($pointer:ty),*) => {$(
        impl<T: TokenStore + ?Sized> TokenStore for $pointer {
            fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
                (**self).load(key)
            }

            fn swap(
                &self,
                key: &Key,
                expected: Option<Revision>,
                new: Option<Entry>,
            ) -> Result<(), SwapError> {
                (**self).swap(key, expected, new)
            }
        }

        impl<T: ListKeys + ?Sized> ListKeys for $pointer {
            fn keys(&self) -> Result<Vec<Key>, StoreError> {
                (**self).keys()
            }
        }
    )*};
}

through_a_pointer!(Arc<T>, Box<T>, &T);
