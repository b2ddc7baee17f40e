//! A swap whose answer is lost is unknown, and a load clears it up.

use std::time::Duration;

use hallpass_store::{Entry, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_sql::{PostgresStore, Settings};
use sqlx::{Connection, Executor};

use crate::{
    address, entry, key, new_table, open,
    proxy::{Fault, Proxy},
    raw, settings,
};

/// A proxy, and a store that goes through it.
async fn behind(settings: Settings) -> (Proxy, PostgresStore) {
    let proxy = Proxy::before(&address()).await;
    let through = proxy.through(&address());
    let store = PostgresStore::connect_with(&through, settings)
        .await
        .unwrap();
    (proxy, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_swap_whose_answer_is_cut_off_is_unknown_and_its_revision_is_found() {
    let one = settings(&new_table()).with_connections(1);
    let steps: [(Option<Entry>, Option<Entry>); 3] = [
        (None, Some(entry(1))),
        (Some(entry(1)), Some(entry(2))),
        (Some(entry(2)), None),
    ];
    for (old, new) in steps {
        let (proxy, store) = behind(one.clone()).await;
        proxy.arm(Fault::CutAfterTheAnswer);
        let expected = old.map(|old| old.revision);
        let lost = store.swap(&key(), expected, new.clone()).await;
        let Err(SwapError::Unknown(error)) = lost else {
            panic!("{lost:?}");
        };
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        proxy.answered().await;
        // The connection that was cut is not used again.
        assert_eq!(store.load(&key()).await.unwrap(), new);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_whose_answer_does_not_come_is_unknown_when_the_patience_ends() {
    let patience = Duration::from_secs(1);
    let one = settings(&new_table())
        .with_connections(1)
        .with_statement_patience(patience);
    let (proxy, store) = behind(one).await;
    proxy.arm(Fault::KeepTheAnswer);
    let late = store.swap(&key(), None, Some(entry(1))).await;
    assert!(matches!(late, Err(SwapError::Unknown(_))), "{late:?}");
    assert_eq!(store.load(&key()).await.unwrap(), Some(entry(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_that_was_given_up_leaves_the_one_connection_usable() {
    let one = settings(&new_table()).with_connections(1);
    let (proxy, store) = behind(one).await;
    proxy.arm(Fault::KeepTheAnswer);
    let key = key();
    tokio::select! {
        done = store.swap(&key, None, Some(entry(1))) => panic!("{done:?}"),
        () = proxy.answered() => {}
    }
    assert_eq!(store.load(&key).await.unwrap(), Some(entry(1)));
}

#[tokio::test]
async fn a_row_that_stays_locked_is_busy_and_nothing_was_written() {
    let table = new_table();
    let patience = Duration::from_millis(500);
    let store = PostgresStore::connect_with(
        &address(),
        settings(&table).with_statement_patience(patience),
    )
    .await
    .unwrap();
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    let mut raw = raw().await;
    let mut other = raw.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM {table} FOR UPDATE");
    other.execute(&*lock).await.unwrap();
    let busy = store
        .swap(&key(), Some(entry(1).revision), Some(entry(2)))
        .await;
    let Err(SwapError::Failed(error)) = busy else {
        panic!("{busy:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
    other.rollback().await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap(), Some(entry(1)));
}

#[tokio::test]
async fn a_backend_that_the_administrator_ends_is_unknown_and_replaced() {
    let table = new_table();
    let one = settings(&table).with_connections(1);
    let store = PostgresStore::connect_with(&address(), one).await.unwrap();
    // The server ends the connection that is in the middle of an insert.
    let end = format!(
        "CREATE FUNCTION {table}_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
         CREATE TRIGGER ends BEFORE INSERT ON {table} EXECUTE FUNCTION {table}_end();"
    );
    raw().await.execute(&*end).await.unwrap();
    let lost = store.swap(&key(), None, Some(entry(1))).await;
    assert!(matches!(lost, Err(SwapError::Unknown(_))), "{lost:?}");
    assert_eq!(store.load(&key()).await.unwrap(), None);
    let other = open(&table).await;
    assert_eq!(other.load(&key()).await.unwrap(), None);
}
