//! The stores of this crate keep every rule.

use hallpass_store::{MemoryStore, conformance};

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
    use std::sync::Arc;

    let fresh = || Arc::new(MemoryStore::new()) as Arc<dyn TokenStore>;
    conformance::block_on(conformance::assert_conforms(fresh));
}

#[test]
fn a_closure_alone_leaves_out_the_second_handle_and_the_restart() {
    let report = conformance::block_on(conformance::assert_conforms(MemoryStore::new));
    assert_eq!(report.kept().len(), 21, "{report}");
    assert_eq!(report.left_out().len(), 2, "{report}");
}

#[cfg(feature = "file")]
mod file {
    use std::sync::atomic::{AtomicU32, Ordering};

    use hallpass_store::{FileStore, async_trait, conformance};
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
