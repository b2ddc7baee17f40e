//! What is stored under a key.

use hallpass_token::SecretBytes;

use crate::Revision;

/// What is stored under one [`Key`](crate::Key): bytes whose meaning the store does not
/// know, and the revision that tells this writing of them from every other.
///
/// `Debug` shows the revision and the number of bytes, never the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names this writing. The caller draws a new one for every write; the store only
    /// keeps it and compares it.
    pub revision: Revision,
    /// What to keep. It must come back byte for byte.
    pub bytes: SecretBytes,
}

impl Entry {
    /// Puts the two together.
    pub fn new(revision: Revision, bytes: impl Into<SecretBytes>) -> Self {
        Self {
            revision,
            bytes: bytes.into(),
        }
    }
}
