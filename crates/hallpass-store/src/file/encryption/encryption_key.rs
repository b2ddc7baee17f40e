//! What encrypts the files of a store.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::hex;
use crate::{StoreError, StoreErrorKind};

/// The 256 bits that encrypt the files of a [`FileStore`](crate::FileStore).
///
/// It is wiped when it is dropped. `Debug` shows the first eight digits of its id, a hash of it, and the files and the folder name the whole
/// id, so that another key is told from damage.
///
/// Where keys come from somewhere else (a key management service, an environment variable), hand one over as it is: it is its own
/// [`KeySource`](crate::KeySource), and is never made anew.
///
/// ```
/// use hallpass_store::EncryptionKey;
///
/// let key = EncryptionKey::generate()?;
/// assert_eq!(EncryptionKey::from_bytes(*key.expose_secret()), key);
/// # Ok::<(), hallpass_store::StoreError>(())
/// ```
#[derive(Clone)]
pub struct EncryptionKey {
    bytes: Zeroizing<[u8; 32]>,
    id: [u8; 16],
    random: fn(&mut [u8]) -> Result<(), getrandom::Error>,
}

impl EncryptionKey {
    /// A new one, from the system's random source.
    ///
    /// # Errors
    /// [`Unavailable`](StoreErrorKind::Unavailable) where the source fails.
    pub fn generate() -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(no_random_bytes)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// Takes 32 bytes that nobody can guess; a password is not that.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut hash = Sha256::new_with_prefix(b"hallpass-store encryption key id\n");
        hash.update(bytes);
        let hash: [u8; 32] = hash.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self {
            bytes: Zeroizing::new(bytes),
            id,
            random: getrandom::fill,
        }
    }

    /// The bytes, to be kept where only their owner finds them.
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Tells keys apart and nothing else about them.
    pub(in crate::file) fn id(&self) -> [u8; 16] {
        self.id
    }

    pub(in crate::file) fn id_hex(&self) -> String {
        hex::encode(&self.id).to_string()
    }

    /// Fresh random bytes for a write with this key.
    pub(in crate::file) fn draw<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        (self.random)(&mut bytes).map_err(no_random_bytes)?;
        Ok(bytes)
    }

    /// 64 hexadecimal digits, as they stand in a key file and in a keyring.
    pub(super) fn to_hex(&self) -> Zeroizing<String> {
        hex::encode(self.bytes.as_slice())
    }

    /// Blanks at the end do not count.
    pub(super) fn from_hex(digits: &[u8]) -> Option<Self> {
        hex::decode(digits.trim_ascii_end()).map(|bytes| Self::from_bytes(*bytes))
    }

    #[cfg(test)]
    pub(in crate::file) fn without_random_bytes(self) -> Self {
        Self {
            random: |_| Err(getrandom::Error::UNSUPPORTED),
            ..self
        }
    }
}

impl PartialEq for EncryptionKey {
    /// Compares hashes, so that the time it takes tells nothing of the bytes.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for EncryptionKey {}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({:.8}…)", self.id_hex())
    }
}

fn no_random_bytes(error: getrandom::Error) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unavailable,
        "the system gave no random bytes",
    )
    .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_differ_and_so_do_their_ids() {
        let (one, other) = (
            EncryptionKey::generate().unwrap(),
            EncryptionKey::generate().unwrap(),
        );
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_ne!(one, other);
        assert_eq!(one, one.clone());
    }

    #[test]
    fn a_key_is_read_from_its_digits_and_from_nothing_else() {
        let key = EncryptionKey::from_bytes([0xa7; 32]);
        let digits = format!("{}\r\n", *key.to_hex());
        assert_eq!(EncryptionKey::from_hex(digits.as_bytes()), Some(key));
        for other in [&b""[..], b"a7", &digits.as_bytes()[1..], &[b'g'; 64]] {
            assert_eq!(EncryptionKey::from_hex(other), None);
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_bytes() {
        let shown = format!("{:?}", EncryptionKey::from_bytes([0xa7; 32]));
        assert!(!shown.contains("a7a7") && !shown.contains("167"), "{shown}");
        assert_eq!(
            shown.chars().count(),
            "EncryptionKey(01234567…)".chars().count()
        );
    }
}
