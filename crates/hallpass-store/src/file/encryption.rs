//! Encryption of the files, and the keys that it needs.

mod encryption_key;
mod hex;
mod key_file;
mod key_source;
#[cfg(feature = "keyring")]
mod os_keyring;

#[cfg(feature = "keyring")]
pub use self::os_keyring::OsKeyring;
pub use self::{encryption_key::EncryptionKey, key_file::KeyFile, key_source::KeySource};

pub(super) use self::key_source::within_its_time;
