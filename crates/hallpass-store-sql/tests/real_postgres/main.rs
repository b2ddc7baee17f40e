//! `PostgresStore` on a real server, whose address is in `HALLPASS_POSTGRES`: `cargo xtask test stores` starts one.

mod contract;
mod proxy;
mod trouble;
mod unknown;

use std::{
    env,
    sync::atomic::{AtomicU32, Ordering},
};

use hallpass_store::{Entry, Key, Revision};
use hallpass_store_sql::{PostgresStore, Settings};
use sqlx::{Connection, PgConnection};

fn address() -> String {
    env::var("HALLPASS_POSTGRES").expect("HALLPASS_POSTGRES: run `cargo xtask test stores`")
}

/// A table's name that no other test has; the server is a new one.
fn new_table() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("t{}_{number}", std::process::id())
}

fn settings(table: &str) -> Settings {
    Settings::new()
        .with_table(table)
        .unwrap()
        .with_connections(4)
}

async fn open(table: &str) -> PostgresStore {
    PostgresStore::connect_with(&address(), settings(table))
        .await
        .unwrap()
}

async fn raw() -> PgConnection {
    PgConnection::connect(&address()).await.unwrap()
}

fn key() -> Key {
    Key::new("ada@example.org canary-key")
}

fn entry(number: u8) -> Entry {
    Entry::new(Revision::from_bytes([number; 16]), b"canary-bytes".to_vec())
}
