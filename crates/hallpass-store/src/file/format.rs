//! What a file of the store looks like.
//!
//! Version 1, of a store that does not encrypt:
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `hallpass` |
//! | 4 | version, little-endian: 1 |
//! | 4 | length of the key in bytes, little-endian |
//! | 16 | revision |
//! | … | the key, UTF-8 |
//! | … | the bytes of the entry |
//! | 32 | SHA-256 of all of the above |
//!
//! Version 2, of a store that encrypts, is in [`sealed`]. Every version begins with these twelve bytes and ends with this checksum,
//! which tells damage from another encryption key.

#[cfg(feature = "encryption")]
mod sealed;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[cfg(feature = "encryption")]
use super::encryption::EncryptionKey;
use crate::{Entry, Key, Revision, StoreError, StoreErrorKind};

const MAGIC: &[u8; 8] = b"hallpass";
const PLAIN: u32 = 1;
const SEALED: u32 = 2;
const CHECKSUM: usize = 32;

/// The most bytes a file may have: 16 MiB for the entry, and room for the rest.
pub(super) const MOST_BYTES: usize = MOST_ENTRY + (1 << 20);
const MOST_ENTRY: usize = 16 << 20;

/// How a store writes its files, and the only way it reads them.
#[derive(Clone, Default)]
pub(super) enum Form {
    #[default]
    Plain,
    #[cfg(feature = "encryption")]
    Sealed(EncryptionKey),
}

impl Form {
    /// The file that keeps `entry` under `key`.
    pub(super) fn encode(
        &self,
        key: &Key,
        entry: &Entry,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        match self {
            Self::Plain => encode(key, entry),
            #[cfg(feature = "encryption")]
            Self::Sealed(encryption) => sealed::encode(encryption, key, entry),
        }
    }

    /// What the file keeps that is named by this hash.
    pub(super) fn decode(&self, file: &[u8], hash: &str) -> Result<(Key, Entry), Unreadable> {
        let (version, body) = open(file)?;
        let found = match (self, version) {
            (Self::Plain, PLAIN) => decode(body)?,
            (Self::Plain, _) => return Err(Unreadable::Sealed),
            #[cfg(feature = "encryption")]
            (Self::Sealed(encryption), SEALED) => sealed::decode(encryption, file, body, hash)?,
            #[cfg(feature = "encryption")]
            (Self::Sealed(_), _) => return Err(Unreadable::NotSealed),
        };
        match found.0.sha256_hex() == hash {
            true => Ok(found),
            false => Err(Unreadable::Misplaced),
        }
    }
}

/// As much of a file as [`may_be_sealed`] looks at.
pub(super) const BEGINNING: usize = MAGIC.len() + 4;

/// Whether a file with this beginning is encrypted, if it is whole.
pub(super) fn may_be_sealed(beginning: &[u8]) -> bool {
    let version = beginning.strip_prefix(MAGIC);
    version.is_some_and(|rest| rest.starts_with(&SEALED.to_le_bytes()))
}

/// The id of the encryption key of a file that is encrypted and whole.
pub(super) fn sealed_with(file: &[u8]) -> Option<[u8; 16]> {
    match open(file) {
        Ok((SEALED, body)) => split::<16>(body).map(|(id, _)| *id),
        _ => None,
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It does not begin as a file of this store does.
    Foreign,
    /// A later version of this crate wrote it.
    Later,
    /// It is too short or too long, or its checksum does not fit.
    Damaged,
    /// It holds another key than its name says.
    Misplaced,
    /// It is whole and encrypted, and the store has no encryption key.
    Sealed,
    /// It is whole and in plain, and the store encrypts.
    #[cfg(feature = "encryption")]
    NotSealed,
    /// It is whole and encrypted with another encryption key.
    #[cfg(feature = "encryption")]
    OtherKey,
}

impl Unreadable {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Foreign => "it is not a file of this store",
            Self::Later => "a later version of hallpass-store wrote it",
            Self::Damaged => "it is torn or changed",
            Self::Misplaced => "it holds another key than its name says",
            Self::Sealed => "it is encrypted, and the store was opened without its encryption key",
            #[cfg(feature = "encryption")]
            Self::NotSealed => {
                "it is in plain, and the store encrypts: `FileStore::encrypt_plain_files` takes such files in"
            }
            #[cfg(feature = "encryption")]
            Self::OtherKey => "it is encrypted with another encryption key",
        }
    }

    /// Whether the file is as it was written, and it is the store that was opened in another way: then the file stays where it is.
    pub(super) const fn is_whole(self) -> bool {
        match self {
            Self::Foreign | Self::Later | Self::Damaged | Self::Misplaced => false,
            Self::Sealed => true,
            #[cfg(feature = "encryption")]
            Self::NotSealed | Self::OtherKey => true,
        }
    }

    pub(super) const fn kind(self) -> StoreErrorKind {
        match self.is_whole() {
            true => StoreErrorKind::Refused,
            false => StoreErrorKind::Corrupt,
        }
    }
}

fn encode(key: &Key, entry: &Entry) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (text, bytes) = (key.as_str().as_bytes(), entry.bytes.expose_secret());
    let key_length = length_of_key(key, entry)?;
    // All of it at once: a vector that grows leaves copies behind that nobody wipes.
    let mut file = Zeroizing::new(Vec::with_capacity(
        MAGIC.len() + 24 + text.len() + bytes.len() + CHECKSUM,
    ));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&PLAIN.to_le_bytes());
    file.extend_from_slice(&key_length.to_le_bytes());
    file.extend_from_slice(&entry.revision.to_bytes());
    file.extend_from_slice(text);
    file.extend_from_slice(bytes);
    close(&mut file);
    Ok(file)
}

fn decode(body: &[u8]) -> Result<(Key, Entry), Unreadable> {
    let (key_length, rest) = split::<4>(body).ok_or(Unreadable::Damaged)?;
    let (revision, rest) = split::<16>(rest).ok_or(Unreadable::Damaged)?;
    contents(*key_length, Revision::from_bytes(*revision), rest)
}

/// The key and the bytes that follow each other.
fn contents(
    key_length: [u8; 4],
    revision: Revision,
    rest: &[u8],
) -> Result<(Key, Entry), Unreadable> {
    let (text, bytes) = usize::try_from(u32::from_le_bytes(key_length))
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(Unreadable::Damaged)?;
    let text = std::str::from_utf8(text).map_err(|_| Unreadable::Damaged)?;
    Ok((Key::new(text), Entry::new(revision, bytes.to_vec())))
}

/// The length of the key, where neither it nor the entry is too long.
fn length_of_key(key: &Key, entry: &Entry) -> Result<u32, StoreError> {
    u32::try_from(key.as_str().len())
        .ok()
        .filter(|length| *length <= 1 << 16 && entry.bytes.expose_secret().len() <= MOST_ENTRY)
        .ok_or_else(too_long)
}

fn too_long() -> StoreError {
    StoreError::new(
        StoreErrorKind::Other,
        "an entry holds at most 16 MiB and a key 64 KiB",
    )
}

/// Adds the checksum.
fn close(file: &mut Vec<u8>) {
    let checksum = Sha256::digest(file.as_slice());
    file.extend_from_slice(&checksum);
}

/// The version of a whole file, and what is between it and the checksum.
fn open(file: &[u8]) -> Result<(u32, &[u8]), Unreadable> {
    let (magic, rest) = split::<8>(file).ok_or(Unreadable::Foreign)?;
    if magic != MAGIC {
        return Err(Unreadable::Foreign);
    }
    let (version, rest) = split::<4>(rest).ok_or(Unreadable::Damaged)?;
    let version = u32::from_le_bytes(*version);
    if version > SEALED {
        return Err(Unreadable::Later);
    }
    let (checked, checksum) = file
        .split_last_chunk::<CHECKSUM>()
        .ok_or(Unreadable::Damaged)?;
    if version < PLAIN || Sha256::digest(checked).as_slice() != checksum {
        return Err(Unreadable::Damaged);
    }
    let (body, _) = rest
        .split_last_chunk::<CHECKSUM>()
        .ok_or(Unreadable::Damaged)?;
    Ok((version, body))
}

fn split<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8])> {
    bytes.split_first_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(key: &Key, entry: &Entry) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        Form::Plain.encode(key, entry)
    }

    fn decode(file: &[u8], key: &Key) -> Result<(Key, Entry), Unreadable> {
        Form::Plain.decode(file, &key.sha256_hex())
    }

    fn example() -> (Key, Entry) {
        let revision = Revision::from_bytes(*b"0123456789abcdef");
        (
            Key::new("kéy"),
            Entry::new(revision, b"by\0tes\xff".to_vec()),
        )
    }

    #[test]
    fn what_was_written_is_read() {
        let (key, entry) = example();
        let file = encode(&key, &entry).unwrap();
        assert_eq!(decode(&file, &key), Ok((key.clone(), entry)));
        let (key, empty) = (
            Key::new(""),
            Entry::new(Revision::from_bytes([0; 16]), vec![]),
        );
        let file = encode(&key, &empty).unwrap();
        assert_eq!(decode(&file, &key), Ok((key.clone(), empty)));
    }

    #[test]
    fn the_layout_is_the_one_that_is_documented() {
        let (key, entry) = example();
        let file = encode(&key, &entry).unwrap();
        assert!(
            file.starts_with(
                b"hallpass\x01\0\0\0\x04\0\0\x000123456789abcdefk\xc3\xa9yby\0tes\xff"
            )
        );
        assert_eq!(file.len(), 8 + 4 + 4 + 16 + 4 + 7 + 32);
    }

    #[test]
    fn a_file_cut_at_any_byte_is_never_read() {
        let (key, entry) = example();
        let file = encode(&key, &entry).unwrap();
        for length in 0..file.len() {
            assert!(
                decode(&file[..length], &key).is_err(),
                "cut to {length} bytes"
            );
        }
        let mut longer = file.to_vec();
        longer.push(0);
        assert_eq!(decode(&longer, &key), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_file_with_any_bit_flipped_is_never_read() {
        let (key, entry) = example();
        let file = encode(&key, &entry).unwrap();
        for bit in 0..file.len() * 8 {
            let mut flipped = file.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&flipped, &key).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let (key, entry) = example();
        let mut file = encode(&key, &entry).unwrap();
        for (version, why) in [
            (3, Unreadable::Later),
            (255, Unreadable::Later),
            (2, Unreadable::Damaged),
            (0, Unreadable::Damaged),
        ] {
            file[8] = version;
            assert_eq!(decode(&file, &key), Err(why), "{version}");
        }
        assert_eq!(decode(b"something else", &key), Err(Unreadable::Foreign));
    }

    #[test]
    fn what_is_too_long_is_not_written() {
        let long = Entry::new(Revision::from_bytes([0; 16]), vec![0; MOST_ENTRY + 1]);
        assert!(encode(&Key::new("k"), &long).is_err());
        let (_, entry) = example();
        assert!(encode(&Key::new("k".repeat((1 << 16) + 1)), &entry).is_err());
        assert!(encode(&Key::new("k".repeat(1 << 16)), &entry).is_ok());
    }
}
