//! What a file of the store looks like.
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
//! Every later version keeps the first twelve bytes.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Entry, Key, Revision, StoreError, StoreErrorKind};

const MAGIC: &[u8; 8] = b"hallpass";
const VERSION: u32 = 1;
const CHECKSUM: usize = 32;

/// The most bytes a file may have: 16 MiB for the entry, and room for the rest.
pub(super) const MOST_BYTES: usize = MOST_ENTRY + (1 << 20);
const MOST_ENTRY: usize = 16 << 20;

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It does not begin as a file of this store does.
    Foreign,
    /// A later version of this crate wrote it.
    Later(u32),
    /// It is too short or too long, or its checksum does not fit.
    Damaged,
    /// It holds another key than its name says.
    Misplaced,
}

impl Unreadable {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Foreign => "it is not a file of this store",
            Self::Later(_) => "a later version of hallpass-store wrote it",
            Self::Damaged => "it is torn or changed",
            Self::Misplaced => "it holds another key than its name says",
        }
    }
}

/// The file that keeps `entry` under `key`.
pub(super) fn encode(key: &Key, entry: &Entry) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (text, bytes) = (key.as_str().as_bytes(), entry.bytes.expose_secret());
    let too_long = || {
        StoreError::new(
            StoreErrorKind::Other,
            "an entry holds at most 16 MiB and a key 64 KiB",
        )
    };
    let key_length = u32::try_from(text.len())
        .ok()
        .filter(|length| *length <= 1 << 16)
        .ok_or_else(too_long)?;
    if bytes.len() > MOST_ENTRY {
        return Err(too_long());
    }
    // All of it at once: a vector that grows leaves copies behind that nobody wipes.
    let mut file = Zeroizing::new(Vec::with_capacity(
        MAGIC.len() + 24 + text.len() + bytes.len() + CHECKSUM,
    ));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&key_length.to_le_bytes());
    file.extend_from_slice(&entry.revision.to_bytes());
    file.extend_from_slice(text);
    file.extend_from_slice(bytes);
    let checksum = Sha256::digest(file.as_slice());
    file.extend_from_slice(&checksum);
    Ok(file)
}

/// What a file keeps.
pub(super) fn decode(file: &[u8]) -> Result<(Key, Entry), Unreadable> {
    let (magic, rest) = split::<8>(file).ok_or(Unreadable::Foreign)?;
    if magic != MAGIC {
        return Err(Unreadable::Foreign);
    }
    let (version, rest) = split::<4>(rest).ok_or(Unreadable::Damaged)?;
    match u32::from_le_bytes(*version) {
        VERSION => {}
        later if later > VERSION => return Err(Unreadable::Later(later)),
        _ => return Err(Unreadable::Damaged),
    }
    let (checked, checksum) = file
        .split_last_chunk::<CHECKSUM>()
        .ok_or(Unreadable::Damaged)?;
    if Sha256::digest(checked).as_slice() != checksum {
        return Err(Unreadable::Damaged);
    }
    let (key_length, rest) = split::<4>(rest).ok_or(Unreadable::Damaged)?;
    let (revision, rest) = split::<16>(rest).ok_or(Unreadable::Damaged)?;
    let rest = rest
        .split_last_chunk::<CHECKSUM>()
        .ok_or(Unreadable::Damaged)?
        .0;
    let (text, bytes) = usize::try_from(u32::from_le_bytes(*key_length))
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(Unreadable::Damaged)?;
    let text = std::str::from_utf8(text).map_err(|_| Unreadable::Damaged)?;
    Ok((
        Key::new(text),
        Entry::new(Revision::from_bytes(*revision), bytes.to_vec()),
    ))
}

fn split<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8])> {
    bytes.split_first_chunk()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(decode(&file), Ok((key, entry)));
        let (key, empty) = (
            Key::new(""),
            Entry::new(Revision::from_bytes([0; 16]), vec![]),
        );
        assert_eq!(decode(&encode(&key, &empty).unwrap()), Ok((key, empty)));
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
            assert!(decode(&file[..length]).is_err(), "cut to {length} bytes");
        }
        let mut longer = file.to_vec();
        longer.push(0);
        assert_eq!(decode(&longer), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_file_with_any_bit_flipped_is_never_read() {
        let (key, entry) = example();
        let file = encode(&key, &entry).unwrap();
        for bit in 0..file.len() * 8 {
            let mut flipped = file.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let (key, entry) = example();
        let mut file = encode(&key, &entry).unwrap();
        file[8] = 2;
        assert_eq!(decode(&file), Err(Unreadable::Later(2)));
        file[8] = 0;
        assert_eq!(decode(&file), Err(Unreadable::Damaged));
        assert_eq!(decode(b"something else"), Err(Unreadable::Foreign));
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
