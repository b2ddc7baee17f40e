//! What goes wrong, how it is told, and what is never told.

use std::{error::Error, time::Duration};

use hallpass_store::{ListKeys, StoreError, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_sql::{Settings, SqliteStore};
use sqlx::{Connection, Executor};
use tempfile::TempDir;

use crate::{entry, key};

/// A store, and a connection beside it.
async fn both(home: &TempDir, settings: Settings) -> (SqliteStore, sqlx::SqliteConnection) {
    let file = home.path().join("sessions.db");
    let store = SqliteStore::open_with(&file, settings).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let other = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    (store, other)
}

#[tokio::test]
async fn a_lock_that_stays_held_is_busy_and_nothing_was_written() {
    let home = tempfile::tempdir().unwrap();
    let settings = Settings::new().with_statement_patience(Duration::from_millis(200));
    let (store, mut other) = both(&home, settings).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let busy = store.swap(&key(), None, Some(entry(1))).await;
    let Err(SwapError::Failed(error)) = busy else {
        panic!("{busy:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    // Readers are not held up, and the one that waited may go on when the lock is gone.
    assert_eq!(store.load(&key()).await.unwrap(), None);
    other.execute("ROLLBACK").await.unwrap();
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
}

#[tokio::test]
async fn a_swap_that_was_given_up_leaves_the_old_or_the_new_entry() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut other) = both(&home, Settings::new()).await;
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let key = key();
    let swap = store.swap(&key, Some(entry(1).revision), Some(entry(2)));
    let given_up = tokio::time::timeout(Duration::from_millis(50), swap).await;
    assert!(given_up.is_err());
    other.execute("ROLLBACK").await.unwrap();
    // It may still be waiting for the lock; whoever comes after it sees one of the two.
    let after = store
        .swap(&key, Some(entry(1).revision), Some(entry(3)))
        .await;
    let stored = store.load(&key).await.unwrap().unwrap();
    match after {
        Ok(()) => assert_eq!(stored, entry(3)),
        Err(SwapError::Conflict) => assert_eq!(stored, entry(2)),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_table_that_is_missing_is_told_with_what_to_do() {
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let store = SqliteStore::from_pool(pool, Settings::new());
    let error = store.load(&key()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("call migrate"), "{error}");
    let refused = store.swap(&key(), None, Some(entry(1))).await;
    assert!(matches!(refused, Err(SwapError::Failed(_))), "{refused:?}");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let home = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(home.path().join("s.db")).await.unwrap();
    store.close().await;
    let error = store.load(&key()).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    assert!(matches!(
        store.swap(&key(), None, Some(entry(1))).await,
        Err(SwapError::Failed(_))
    ));
}

#[test]
fn outside_of_tokio_it_is_an_error_and_no_panic() {
    let home = tempfile::tempdir().unwrap();
    let open = SqliteStore::open(home.path().join("s.db"));
    let error = hallpass_store::conformance::block_on(open).unwrap_err();
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[tokio::test]
async fn neither_a_key_nor_a_byte_is_in_an_error_or_in_debug() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut other) = both(&home, Settings::new()).await;
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    other
        .execute(
            "CREATE TRIGGER t BEFORE UPDATE ON hallpass_tokens \
             BEGIN SELECT RAISE(ABORT, 'canary of the database'); END",
        )
        .await
        .unwrap();
    let refused = store
        .swap(&key(), Some(entry(1).revision), Some(entry(2)))
        .await
        .unwrap_err();
    let mut said = format!("{store:?} {refused} {refused:?}");
    other.execute("DROP TABLE hallpass_tokens").await.unwrap();
    for error in [
        store.load(&key()).await.map(drop).unwrap_err(),
        store.keys().await.map(drop).unwrap_err(),
        store
            .remove_older_than(Duration::ZERO)
            .await
            .map(drop)
            .unwrap_err(),
    ] {
        said += &whole(&error);
    }
    assert!(!said.contains("canary"), "{said}");
    assert!(said.contains("code 1"), "{said}");
}

fn whole(error: &StoreError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!(" {source} {source:?}");
        next = source.source();
    }
    text
}

#[tokio::test]
async fn a_row_that_is_no_entry_is_set_aside_by_a_load_and_a_login_finds_room() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut other) = both(&home, Settings::new()).await;
    let lax = "PRAGMA ignore_check_constraints = ON";
    other.execute(lax).await.unwrap();
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    for damage in [
        "revision = x'01'",
        "revision = 7",
        "revision = '0123456789abcdef'",
        "bytes = 'canary-bytes'",
        "bytes = 7",
    ] {
        let update = format!("UPDATE hallpass_tokens SET {damage} WHERE key_text < x'ff'");
        other.execute(&*update).await.unwrap();
        let error = store.load(&key()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
        let told = format!("{error} {error:?}");
        assert!(told.contains("set aside: its key_hash"), "{damage}: {told}");
        assert!(!told.contains("canary"), "{damage}: {told}");
        assert_eq!(store.load(&key()).await.unwrap(), None, "{damage}");
        store.swap(&key(), None, Some(entry(1))).await.unwrap();
    }
    assert_eq!(store.load(&key()).await.unwrap(), Some(entry(1)));
    assert_eq!(store.keys().await.unwrap(), [key()]);
    let rows = other.fetch_all("SELECT key_hash FROM hallpass_tokens");
    assert_eq!(rows.await.unwrap().len(), 6);
}
