//! An asynchronous store made of a blocking one.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Entry, Key, ListKeys, Revision, StoreError, StoreErrorKind, SwapError, TokenStore, blocking,
    pool::{self, NoAnswer},
};

/// An asynchronous store made of a blocking one: each operation runs on a thread of its own,
/// taken from a pool of at most 32 that belongs to this crate, so an executor is never held up
/// and no runtime is needed.
///
/// An operation that was begun is finished even where its future is dropped. One for which no thread is free waits,
/// and is [`Busy`](StoreErrorKind::Busy) where 10,000 wait already.
///
/// ```
/// use std::sync::Arc;
///
/// use hallpass_store::{MemoryStore, TokenStore, Unblocked};
///
/// let store: Arc<dyn TokenStore> = Arc::new(Unblocked::new(MemoryStore::new()));
/// ```
#[derive(Debug)]
pub struct Unblocked<S> {
    store: Arc<S>,
}

impl<S> Unblocked<S> {
    /// Wraps the blocking store.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
        }
    }

    /// The blocking store.
    pub fn inner(&self) -> &S {
        &self.store
    }

    #[cfg(feature = "conformance")]
    pub(crate) fn into_inner(self) -> Option<S> {
        Arc::into_inner(self.store)
    }
}

impl<S> Clone for Unblocked<S> {
    /// Another handle on the same store.
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
        }
    }
}

impl<S> From<Arc<S>> for Unblocked<S> {
    fn from(store: Arc<S>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl<S: blocking::TokenStore + 'static> TokenStore for Unblocked<S> {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let (store, key) = (Arc::clone(&self.store), key.clone());
        pool::run(move || done_with(store, |store| store.load(&key)))
            .await
            .unwrap_or_else(|no_answer| Err(no_answer.into()))
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let (store, key) = (Arc::clone(&self.store), key.clone());
        pool::run(move || done_with(store, |store| store.swap(&key, expected, new)))
            .await
            .unwrap_or_else(|no_answer| Err(no_answer.into()))
    }
}

#[async_trait]
impl<S: blocking::ListKeys + 'static> ListKeys for Unblocked<S> {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let store = Arc::clone(&self.store);
        pool::run(move || done_with(store, blocking::ListKeys::keys))
            .await
            .unwrap_or_else(|no_answer| Err(no_answer.into()))
    }
}

// The handle goes before the answer comes: whoever has the answer may take the store apart.
fn done_with<S, T>(store: Arc<S>, work: impl FnOnce(&S) -> T) -> T {
    let answer = work(&store);
    drop(store);
    answer
}

impl From<NoAnswer> for StoreError {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::NotBegun(error) => {
                StoreError::new(StoreErrorKind::Unavailable, "no thread could be started")
                    .with_source(error)
            }
            NoAnswer::TooMuch => StoreError::new(
                StoreErrorKind::Busy,
                "too many operations wait for a thread",
            ),
            NoAnswer::Panicked => {
                StoreError::new(StoreErrorKind::Other, "the blocking store panicked")
            }
        }
    }
}

impl From<NoAnswer> for SwapError {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::NotBegun(_) | NoAnswer::TooMuch => SwapError::Failed(no_answer.into()),
            NoAnswer::Panicked => SwapError::Unknown(no_answer.into()),
        }
    }
}
