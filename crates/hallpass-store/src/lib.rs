#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod blocking;
#[cfg(feature = "conformance")]
pub mod conformance;
mod entry;
mod error;
#[cfg(feature = "file")]
mod file;
#[cfg(feature = "conformance")]
#[doc = include_str!("../docs/write-a-token-store.md")]
pub mod guide {}
mod key;
mod memory;
mod pool;
mod revision;
mod store;
mod unblocked;

pub use entry::Entry;
pub use error::{StoreError, StoreErrorKind, SwapError};
#[cfg(feature = "keyring")]
pub use file::OsKeyring;
#[cfg(feature = "encryption")]
pub use file::{EncryptionKey, KeyFile, KeySource};
#[cfg(feature = "file")]
pub use file::{FileStore, trusted_path};
pub use key::Key;
pub use memory::MemoryStore;
pub use revision::Revision;
pub use store::{ListKeys, TokenStore};
pub use unblocked::Unblocked;

pub use async_trait::async_trait;
pub use hallpass_token::SecretBytes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_crosses_threads() {
        fn crosses<T: Send + Sync>() {}
        crosses::<Entry>();
        crosses::<Key>();
        crosses::<Revision>();
        crosses::<StoreError>();
        crosses::<SwapError>();
        crosses::<MemoryStore>();
        crosses::<Unblocked<MemoryStore>>();
        crosses::<Box<dyn TokenStore>>();
        crosses::<Box<dyn blocking::TokenStore>>();
        #[cfg(feature = "file")]
        crosses::<FileStore>();
        #[cfg(feature = "encryption")]
        crosses::<(EncryptionKey, KeyFile, Box<dyn KeySource>)>();
        #[cfg(feature = "keyring")]
        crosses::<OsKeyring>();
    }
}
