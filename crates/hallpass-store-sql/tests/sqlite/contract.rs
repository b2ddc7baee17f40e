//! The conformance suite, many handles on one file, and what is kept how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hallpass_store::conformance;
use hallpass_store::{Entry, Key, ListKeys, Revision, SwapError, TokenStore};
use hallpass_store_sql::{Settings, SqliteStore};
use sqlx::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{entry, key};

struct Files {
    home: TempDir,
    made: AtomicU32,
}

impl Files {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            made: AtomicU32::new(0),
        }
    }

    async fn open(&self, number: u32) -> SqliteStore {
        SqliteStore::open(self.home.path().join(format!("{number}.db")))
            .await
            .unwrap()
    }
}

#[hallpass_store::async_trait]
impl conformance::Harness for Files {
    type Store = SqliteStore;

    async fn fresh(&self) -> SqliteStore {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        self.open(number).await
    }

    async fn again(&self, _: &SqliteStore) -> Option<SqliteStore> {
        Some(self.open(self.made.load(Ordering::Relaxed) - 1).await)
    }

    async fn reopen(&self, store: SqliteStore) -> Option<SqliteStore> {
        store.close().await;
        self.again(&store).await
    }
}

/// Where the runtime has threads of its own, others may wait for its futures.
struct OnThreads(Files);

#[hallpass_store::async_trait]
impl conformance::Harness for OnThreads {
    type Store = SqliteStore;

    async fn fresh(&self) -> SqliteStore {
        self.0.fresh().await
    }

    async fn again(&self, store: &SqliteStore) -> Option<SqliteStore> {
        self.0.again(store).await
    }

    async fn reopen(&self, store: SqliteStore) -> Option<SqliteStore> {
        self.0.reopen(store).await
    }

    fn on_threads(&self) -> Option<conformance::Drive> {
        let runtime = tokio::runtime::Handle::current();
        Some(Arc::new(move |work| runtime.block_on(work)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_rule() {
    let report = conformance::check_listing(OnThreads(Files::new()))
        .await
        .unwrap();
    assert!(report.left_out().is_empty(), "{report}");
}

#[tokio::test]
async fn it_keeps_every_rule_on_one_thread() {
    conformance::assert_conforms(Files::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_ones_own_keeps_every_rule() {
    struct Own(Files);

    #[hallpass_store::async_trait]
    impl conformance::Harness for Own {
        type Store = SqliteStore;

        async fn fresh(&self) -> SqliteStore {
            let number = self.0.made.fetch_add(1, Ordering::Relaxed);
            let file = self.0.home.path().join(format!("own {number}.db"));
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            let settings = Settings::new().with_table("order").unwrap();
            let store = SqliteStore::from_pool(pool, settings);
            store.migrate().await.unwrap();
            store
        }
    }

    conformance::assert_conforms(Own(Files::new())).await;
}

/// Raises the number in the entry by one, whatever others do at the same time.
async fn raise(store: &SqliteStore, worker: u8) {
    loop {
        let stored = store.load(&key()).await.unwrap();
        let number = stored.as_ref().map_or(0, |entry| {
            u32::from_be_bytes(entry.bytes.expose_secret().try_into().unwrap())
        });
        let mut revision = [worker; 16];
        revision[..4].copy_from_slice(&(number + 1).to_be_bytes());
        let next = Entry::new(
            Revision::from_bytes(revision),
            (number + 1).to_be_bytes().to_vec(),
        );
        let expected = stored.map(|stored| stored.revision);
        match store.swap(&key(), expected, Some(next)).await {
            Ok(()) => return,
            Err(SwapError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_of_eight_handles_with_pools_of_their_own_is_lost() {
    let files = Arc::new(Files::new());
    let mut workers = JoinSet::new();
    for worker in 1..=8 {
        let files = Arc::clone(&files);
        workers.spawn(async move {
            let store = files.open(0).await;
            for _ in 0..10 {
                raise(&store, worker).await;
            }
        });
    }
    workers.join_all().await;
    let stored = files.open(0).await.load(&key()).await.unwrap().unwrap();
    assert_eq!(stored.bytes.expose_secret(), 80_u32.to_be_bytes());
}

#[tokio::test]
async fn an_entry_of_eight_mebibytes_comes_back_and_one_of_seventeen_is_refused() {
    let files = Files::new();
    let store = files.open(0).await;
    let bytes: Vec<u8> = (0..8 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();
    let big = Entry::new(Revision::from_bytes([1; 16]), bytes);
    store.swap(&key(), None, Some(big.clone())).await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap(), Some(big));
    let too_big = Entry::new(Revision::from_bytes([2; 16]), vec![0; 17 << 20]);
    let refused = store.swap(&Key::new("other"), None, Some(too_big)).await;
    assert!(matches!(refused, Err(SwapError::Failed(_))), "{refused:?}");
}

#[tokio::test]
async fn only_what_was_not_written_for_so_long_is_removed() {
    let files = Files::new();
    let store = files.open(0).await;
    let (old, new) = (Key::new("old"), Key::new("new"));
    store.swap(&old, None, Some(entry(1))).await.unwrap();
    store.swap(&new, None, Some(entry(2))).await.unwrap();
    let mut raw = raw(&files).await;
    sqlx::query("UPDATE hallpass_tokens SET updated_at = updated_at - 7200 WHERE key_text = ?1")
        .bind(&b"old"[..])
        .execute(&mut raw)
        .await
        .unwrap();
    let day = Duration::from_secs(86_400);
    assert_eq!(store.remove_older_than(day).await.unwrap(), 0);
    assert_eq!(store.remove_older_than(Duration::MAX).await.unwrap(), 0);
    assert_eq!(store.remove_older_than(day / 24).await.unwrap(), 1);
    assert_eq!(store.keys().await.unwrap(), [new]);
    // Whoever still has the old entry in hand learns of it.
    let late = store
        .swap(&old, Some(entry(1).revision), Some(entry(3)))
        .await;
    assert!(matches!(late, Err(SwapError::Conflict)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tasks_may_migrate_at_once() {
    for number in 0..4 {
        let files = Arc::new(Files::new());
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let files = Arc::clone(&files);
            tasks.spawn(async move { files.open(number).await.migrate().await.unwrap() });
        }
        tasks.join_all().await;
    }
}

#[tokio::test]
async fn a_table_of_a_later_version_is_told_and_left_alone() {
    let files = Files::new();
    files.open(0).await.close().await;
    let mut raw = raw(&files).await;
    sqlx::query("UPDATE hallpass_tokens_schema SET version = 2")
        .execute(&mut raw)
        .await
        .unwrap();
    let error = SqliteStore::open(files.home.path().join("0.db"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), hallpass_store::StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("version 2"), "{error}");
}

async fn raw(files: &Files) -> sqlx::SqliteConnection {
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(files.home.path().join("0.db"));
    sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap()
}
