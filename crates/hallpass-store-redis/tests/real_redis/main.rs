//! The store against a real Redis. `cargo xtask test stores` starts two and says where they are.

mod conformance;
mod limits;
mod proxy;
mod restart;
mod shared;
mod unknown;

use std::{
    env,
    sync::atomic::{AtomicU32, Ordering},
};

use hallpass_store::{Entry, Revision};
use hallpass_store_redis::{Builder, RedisStore};

/// The one that all tests use at once, each with names of its own.
fn address() -> String {
    variable("HALLPASS_REDIS")
}

/// The one that keeps every write, and that tests may bring down: they take turns.
fn durable_address() -> String {
    variable("HALLPASS_REDIS_DURABLE")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test stores`"))
}

/// A prefix that no other test has, in this run or in another.
fn prefix() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("test*[{}]{number}:", std::process::id())
}

fn store() -> Builder {
    RedisStore::builder(&address()).prefix(prefix())
}

fn entry(number: u8, bytes: &[u8]) -> Entry {
    Entry::new(Revision::from_bytes([number; 16]), bytes.to_vec())
}

/// A command of its own, past the store.
async fn command(address: &str, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let client = redis::Client::open(address).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await
}
