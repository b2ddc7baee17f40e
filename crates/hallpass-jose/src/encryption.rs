//! Encrypted tokens (RFC 7516): their algorithms, their compact form, and the keys that open them.

mod agreement;
mod algorithms;
mod content;
mod decryption_key;
mod jwe;

pub use algorithms::{ContentEncryption, KeyManagement};
pub use decryption_key::DecryptionKey;
pub use jwe::{CompactJwe, Decrypted, EncryptionHeader};
