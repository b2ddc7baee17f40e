#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use hallpass_store::{
    Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, TokenStore, async_trait,
};

/// A table that the whole application shares. Clones are handles on the same table.
#[derive(Clone, Default)]
pub struct SharedTable {
    rows: Arc<Mutex<BTreeMap<Key, Entry>>>,
}

#[async_trait]
impl TokenStore for SharedTable {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let rows = self.rows.lock().map_err(|_| poisoned())?;
        Ok(rows.get(key).cloned())
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        // One lock over the comparison and the write. Nothing is awaited while it is held, so a
        // dropped future can neither tear a row nor keep the lock.
        let mut rows = self
            .rows
            .lock()
            .map_err(|_| SwapError::Failed(poisoned()))?;
        if rows.get(key).map(|stored| stored.revision) != expected {
            return Err(SwapError::Conflict);
        }
        match new {
            Some(entry) => rows.insert(key.clone(), entry),
            None => rows.remove(key),
        };
        Ok(())
    }
}

fn poisoned() -> StoreError {
    StoreError::new(
        StoreErrorKind::Other,
        "another part of the application panicked while it held the table",
    )
}

#[cfg(test)]
mod tests {
    use hallpass_store::conformance::{self, Places};

    use super::*;

    #[test]
    fn the_store_keeps_every_rule() {
        conformance::block_on(conformance::assert_conforms(SharedTable::default));
    }

    #[test]
    fn its_handles_share_the_table_and_threads_find_no_gap() {
        let tables: Mutex<BTreeMap<u32, SharedTable>> = Mutex::default();
        let open = move |place| tables.lock().unwrap().entry(place).or_default().clone();
        let places = Places::new(open).on_threads(conformance::block_on);
        let report = conformance::block_on(conformance::assert_conforms(places));
        assert!(report.left_out().is_empty(), "{report}");
    }
}
