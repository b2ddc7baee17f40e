//! What goes wrong, how it is told, and what is never told.

use std::{error::Error, time::Duration};

use hallpass_store::{ListKeys, StoreError, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_sql::PostgresStore;
use sqlx::Executor;

use crate::{address, entry, key, new_table, open, proxy::server_of, raw, settings};

async fn refused(address: &str) -> StoreError {
    let quick = settings("t").with_connection_patience(Duration::from_secs(2));
    PostgresStore::connect_with(address, quick)
        .await
        .unwrap_err()
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
async fn each_way_of_not_reaching_the_database_is_told_without_the_address() {
    let server = server_of(&address());
    let cases = [
        (
            format!("postgres://hallpass:canary@{server}/canary"),
            StoreErrorKind::Refused,
        ),
        (
            format!("postgres://canary:canary@{server}/postgres"),
            StoreErrorKind::Refused,
        ),
        (
            "postgres://canary:canary@127.0.0.1:1/canary".to_owned(),
            StoreErrorKind::Unavailable,
        ),
        (
            format!("postgres://canary@{server}/canary?sslrootcert=/canary&sslmode=require"),
            StoreErrorKind::Other,
        ),
    ];
    for (address, kind) in cases {
        let error = refused(&address).await;
        assert!(!whole(&error).contains("canary"), "{}", whole(&error));
        assert!(
            error.kind() == kind || kind == StoreErrorKind::Other,
            "{}",
            whole(&error)
        );
    }
}

#[tokio::test]
async fn without_permission_or_table_it_says_what_to_mend() {
    let table = new_table();
    let store = open(&table).await;
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    let role = format!("{table}_reader");
    let make =
        format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON {table}, {table}_schema TO {role};");
    raw().await.execute(&*make).await.unwrap();
    let reader = address().replace("hallpass@", &format!("{role}@"));
    // What is migrated needs no permission to be so again.
    let reader = PostgresStore::connect_with(&reader, settings(&table))
        .await
        .unwrap();
    assert_eq!(reader.load(&key()).await.unwrap(), Some(entry(1)));
    let refused = reader.swap(&key(), Some(entry(1).revision), None).await;
    let Err(SwapError::Failed(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("permission"), "{error}");

    let drop = format!("DROP TABLE {table}");
    raw().await.execute(&*drop).await.unwrap();
    let error = store.load(&key()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("call migrate"), "{error}");
}

#[tokio::test]
async fn a_server_that_only_reads_is_told_and_nothing_was_written() {
    let table = new_table();
    open(&table).await.close().await;
    let reads = format!("{}?options[default_transaction_read_only]=on", address());
    let store = PostgresStore::connect_with(&reads, settings(&table))
        .await
        .unwrap();
    let failed = store.swap(&key(), None, Some(entry(1))).await;
    let Err(SwapError::Failed(error)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("primary"), "{error}");
    assert_eq!(store.load(&key()).await.unwrap(), None);
}

#[tokio::test]
async fn neither_a_key_nor_a_byte_is_in_an_error_or_in_debug() {
    let table = new_table();
    let store = open(&table).await;
    let quote = format!(
        "CREATE FUNCTION {table}_quote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'canary %', encode(NEW.bytes, 'escape'); END $$;
         CREATE TRIGGER quote BEFORE INSERT ON {table} EXECUTE FUNCTION {table}_quote();"
    );
    raw().await.execute(&*quote).await.unwrap();
    let Err(SwapError::Failed(error)) = store.swap(&key(), None, Some(entry(1))).await else {
        panic!("it is refused by the trigger");
    };
    let mut said = format!("{store:?} {}", whole(&error));
    assert!(said.contains("P0001"), "{said}");
    store.close().await;
    said += &whole(&store.load(&key()).await.unwrap_err());
    said += &whole(&store.keys().await.unwrap_err());
    assert!(
        !said.contains("canary") && !said.contains("hallpass@"),
        "{said}"
    );
}

#[test]
fn outside_of_tokio_it_is_an_error_and_no_panic() {
    let address = address();
    let connect = PostgresStore::connect(&address);
    let error = hallpass_store::conformance::block_on(connect).unwrap_err();
    assert!(error.to_string().contains("tokio"), "{error}");
}
