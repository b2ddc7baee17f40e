//! `SqliteStore` on real files.

mod contract;
mod place;
mod trouble;

use hallpass_store::{Entry, Key, Revision};

fn key() -> Key {
    Key::new("ada@example.org canary-key")
}

fn entry(number: u8) -> Entry {
    Entry::new(Revision::from_bytes([number; 16]), b"canary-bytes".to_vec())
}
