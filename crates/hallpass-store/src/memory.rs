//! A store that lives as long as the process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{Entry, Key, ListKeys, Revision, StoreError, SwapError, TokenStore, blocking};

/// Keeps entries in memory: for tests, and for programs that may ask for consent again when they
/// start. Share it with an `Arc`.
///
/// It never fails, and neither face of it waits for anything but a mutex held for one look-up.
#[derive(Default)]
pub struct MemoryStore {
    entries: Mutex<HashMap<Key, Entry>>,
}

impl MemoryStore {
    /// A store with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    // Nothing is left half done under this mutex, so a panic elsewhere poisons nothing of ours.
    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl blocking::TokenStore for MemoryStore {
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries().get(key).cloned())
    }

    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let mut entries = self.entries();
        if entries.get(key).map(|stored| stored.revision) != expected {
            return Err(SwapError::Conflict);
        }
        match new {
            Some(entry) => entries.insert(key.clone(), entry),
            None => entries.remove(key),
        };
        Ok(())
    }
}

impl blocking::ListKeys for MemoryStore {
    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.entries().keys().cloned().collect())
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        blocking::TokenStore::load(self, key)
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        blocking::TokenStore::swap(self, key, expected, new)
    }
}

#[async_trait]
impl ListKeys for MemoryStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        blocking::ListKeys::keys(self)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} entries)", self.entries().len())
    }
}

#[cfg(test)]
mod tests {
    use super::{blocking::TokenStore, *};

    #[test]
    fn debug_shows_neither_a_key_nor_a_byte() {
        let store = MemoryStore::new();
        let entry = Entry::new(Revision::from_bytes([0; 16]), b"canary".to_vec());
        store.swap(&Key::new("canary"), None, Some(entry)).unwrap();
        assert_eq!(format!("{store:?}"), "MemoryStore(1 entries)");
    }
}
