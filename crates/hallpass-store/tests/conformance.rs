//! The stores of this crate keep every rule.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use hallpass_store::{
    MemoryStore,
    conformance::{self, Places},
};

#[test]
fn the_memory_store_keeps_every_rule() {
    conformance::block_on(conformance::check_listing(MemoryStore::new)).unwrap();
}

#[test]
fn the_memory_store_keeps_every_rule_of_the_blocking_twin() {
    conformance::blocking::check_listing(MemoryStore::new).unwrap();
}

#[test]
fn a_store_behind_a_pointer_keeps_every_rule() {
    use hallpass_store::TokenStore;

    let fresh = || Arc::new(MemoryStore::new()) as Arc<dyn TokenStore>;
    conformance::block_on(conformance::assert_conforms(fresh));
}

#[test]
fn a_closure_alone_leaves_out_the_second_handle_and_the_restart() {
    let report = conformance::block_on(conformance::assert_conforms(MemoryStore::new));
    assert_eq!(report.kept().len(), 26, "{report}");
    assert_eq!(report.left_out().len(), 2, "{report}");
    assert_eq!(report.opted_out().len(), 2, "{report}");
}

/// Every place keeps its table, so that opening it again is another handle.
fn tables() -> impl Fn(u32) -> Arc<MemoryStore> + Send + Sync + 'static {
    let tables: Mutex<BTreeMap<u32, Arc<MemoryStore>>> = Mutex::default();
    move |place| Arc::clone(tables.lock().unwrap().entry(place).or_default())
}

#[test]
fn a_store_opened_at_places_leaves_out_nothing_about_handles() {
    let report = conformance::block_on(conformance::assert_conforms_shared(tables()));
    assert!(report.left_out().is_empty(), "{report}");
    assert_eq!(report.opted_out().len(), 2, "{report}");
    let report = conformance::blocking::assert_conforms_shared(tables());
    assert!(report.left_out().is_empty(), "{report}");
    assert_eq!(report.opted_out().len(), 1, "{report}");
}

#[test]
fn a_store_at_places_may_have_threads_and_a_list() {
    let places = || Places::new(tables()).on_threads(conformance::block_on);
    let report = conformance::block_on(conformance::check_listing(places())).unwrap();
    assert_eq!(report.opted_out().len(), 1, "{report}");
    assert!(conformance::blocking::check_listing(places()).is_ok());
}

mod lost {
    use hallpass_store::{
        Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, blocking::TokenStore,
        conformance::Loss,
    };

    use super::*;

    /// A store at the end of a connection that may break.
    struct Remote {
        table: Arc<MemoryStore>,
        loss: Mutex<Option<Loss>>,
    }

    impl TokenStore for Remote {
        fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
            TokenStore::load(&self.table, key)
        }

        fn swap(
            &self,
            key: &Key,
            expected: Option<Revision>,
            new: Option<Entry>,
        ) -> Result<(), SwapError> {
            let loss = self.loss.lock().unwrap().take();
            if loss != Some(Loss::BeforeTheWrite) {
                TokenStore::swap(&self.table, key, expected, new)?;
            }
            match loss {
                None => Ok(()),
                Some(_) => Err(SwapError::Unknown(StoreError::new(
                    StoreErrorKind::Unavailable,
                    "the connection broke",
                ))),
            }
        }
    }

    #[test]
    fn a_store_that_can_lose_answers_leaves_out_nothing_at_all() {
        let open = tables();
        let places = Places::new(move |place| Remote {
            table: open(place),
            loss: Mutex::default(),
        })
        .losing(|remote, loss| remote.loss.lock().unwrap().replace(loss).is_none());
        let report = conformance::blocking::assert_conforms(places);
        assert!(report.left_out().is_empty(), "{report}");
        assert!(report.opted_out().is_empty(), "{report}");
    }
}

mod needs_tokio {
    use std::time::Duration;

    use hallpass_store::{Entry, Key, Revision, StoreError, SwapError, TokenStore, async_trait};

    use super::*;

    /// Has a timer and a task in every operation, as a driver of a database does: neither is there without a runtime.
    struct OfTokio(Arc<MemoryStore>);

    impl OfTokio {
        async fn answer<T: Send + 'static>(
            &self,
            work: impl Future<Output = T> + Send + 'static,
        ) -> T {
            let answer = tokio::time::timeout(Duration::from_secs(60), tokio::spawn(work));
            answer.await.unwrap().unwrap()
        }
    }

    #[async_trait]
    impl TokenStore for OfTokio {
        async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
            let (table, key) = (Arc::clone(&self.0), key.clone());
            self.answer(async move { TokenStore::load(&table, &key).await })
                .await
        }

        async fn swap(
            &self,
            key: &Key,
            expected: Option<Revision>,
            new: Option<Entry>,
        ) -> Result<(), SwapError> {
            let (table, key) = (Arc::clone(&self.0), key.clone());
            self.answer(async move { TokenStore::swap(&table, &key, expected, new).await })
                .await
        }
    }

    async fn keeps_every_rule() {
        let (open, handle) = (tables(), tokio::runtime::Handle::current());
        let places = Places::new(move |place| OfTokio(open(place)))
            .on_threads(move |work| handle.block_on(work));
        let report = conformance::assert_conforms(places).await;
        assert_eq!(report.opted_out().len(), 1, "{report}");
    }

    #[tokio::test]
    async fn a_store_that_needs_a_runtime_races_on_threads_beside_one_of_one_thread() {
        keeps_every_rule().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_store_that_needs_a_runtime_races_on_threads_beside_one_of_many() {
        keeps_every_rule().await;
    }

    #[tokio::test]
    async fn threads_without_the_runtime_are_told_and_do_not_hang() {
        let open = tables();
        let places =
            Places::new(move |place| OfTokio(open(place))).on_threads(conformance::block_on);
        let broken = conformance::check(places).await.unwrap_err();
        assert!(
            broken
                .seen()
                .starts_with("a panic on the thread of a caller"),
            "{broken}"
        );
    }
}

#[cfg(feature = "file")]
mod file {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use hallpass_store::{
        FileStore, async_trait,
        conformance::{self, Drive},
    };
    use tempfile::TempDir;

    struct Folders {
        home: TempDir,
        made: AtomicU32,
    }

    impl Folders {
        fn new() -> Self {
            Self {
                home: tempfile::tempdir().unwrap(),
                made: AtomicU32::new(0),
            }
        }

        fn open_next(&self) -> FileStore {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            FileStore::open(self.home.path().join(number.to_string())).unwrap()
        }
    }

    #[async_trait]
    impl conformance::Harness for Folders {
        type Store = FileStore;

        async fn fresh(&self) -> FileStore {
            self.open_next()
        }

        async fn again(&self, store: &FileStore) -> Option<FileStore> {
            FileStore::open(store.folder()).ok()
        }

        async fn reopen(&self, store: FileStore) -> Option<FileStore> {
            let folder = store.folder().to_owned();
            drop(store);
            FileStore::open(folder).ok()
        }

        fn on_threads(&self) -> Option<Drive> {
            Some(Arc::new(conformance::block_on))
        }
    }

    impl conformance::blocking::Harness for Folders {
        type Store = FileStore;

        fn fresh(&self) -> FileStore {
            self.open_next()
        }

        fn again(&self, store: &FileStore) -> Option<FileStore> {
            FileStore::open(store.folder()).ok()
        }

        fn reopen(&self, store: FileStore) -> Option<FileStore> {
            let folder = store.folder().to_owned();
            drop(store);
            FileStore::open(folder).ok()
        }
    }

    #[test]
    fn the_file_store_keeps_every_rule() {
        let report = conformance::block_on(conformance::check_listing(Folders::new())).unwrap();
        assert!(report.left_out().is_empty(), "{report}");
    }

    #[test]
    fn the_file_store_keeps_every_rule_of_the_blocking_twin() {
        let report = conformance::blocking::check_listing(Folders::new()).unwrap();
        assert!(report.left_out().is_empty(), "{report}");
    }
}
