//! Version 2 of a file: encrypted with XChaCha20-Poly1305.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `hallpass` |
//! | 4 | version, little-endian: 2 |
//! | 16 | id of the encryption key |
//! | 16 | revision |
//! | 24 | nonce, drawn for each write |
//! | … | encrypted: the length of the key (4, little-endian), the key, the bytes of the entry |
//! | 16 | tag |
//! | 32 | SHA-256 of all of the above |
//!
//! The associated data is the first 44 bytes and then the 64 digits that name the file, the SHA-256 of the key: neither the version,
//! the encryption key's id and the revision nor the file's name can be another than it was written with.

use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{CHECKSUM, MAGIC, SEALED, Unreadable, close, contents, length_of_key, split};
use crate::{Entry, Key, Revision, StoreError, file::encryption::EncryptionKey};

/// What is bound and not encrypted.
const HEAD: usize = MAGIC.len() + 4 + 16 + 16;
const NONCE: usize = 24;
const TAG: usize = 16;

pub(super) fn encode(
    encryption: &EncryptionKey,
    key: &Key,
    entry: &Entry,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (text, bytes) = (key.as_str().as_bytes(), entry.bytes.expose_secret());
    let key_length = length_of_key(key, entry)?;
    let nonce = encryption.draw::<NONCE>()?;
    let begin = HEAD + NONCE;
    // All of it at once: a vector that grows leaves copies behind that nobody wipes.
    let mut file = Zeroizing::new(Vec::with_capacity(
        begin + 4 + text.len() + bytes.len() + TAG + CHECKSUM,
    ));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&SEALED.to_le_bytes());
    file.extend_from_slice(&encryption.id());
    file.extend_from_slice(&entry.revision.to_bytes());
    file.extend_from_slice(&nonce);
    file.extend_from_slice(&key_length.to_le_bytes());
    file.extend_from_slice(text);
    file.extend_from_slice(bytes);
    let (head, rest) = file.split_at_mut(HEAD);
    let bound = bound(head, &key.sha256_hex());
    let (_, open) = rest.split_at_mut(NONCE);
    let tag = cipher(encryption)
        .encrypt_inout_detached(&XNonce::from(nonce), &bound, open.into())
        .map_err(|_| super::too_long())?;
    file.extend_from_slice(&tag);
    close(&mut file);
    Ok(file)
}

/// `file` is whole, and `body` is what is between its version and its checksum.
pub(super) fn decode(
    encryption: &EncryptionKey,
    file: &[u8],
    body: &[u8],
    hash: &str,
) -> Result<(Key, Entry), Unreadable> {
    let (id, rest) = split::<16>(body).ok_or(Unreadable::Damaged)?;
    if *id != encryption.id() {
        return Err(Unreadable::OtherKey);
    }
    let (revision, rest) = split::<16>(rest).ok_or(Unreadable::Damaged)?;
    let (nonce, rest) = split::<NONCE>(rest).ok_or(Unreadable::Damaged)?;
    let (closed, tag) = rest.split_last_chunk::<TAG>().ok_or(Unreadable::Damaged)?;
    let head = file.get(..HEAD).ok_or(Unreadable::Damaged)?;
    let mut open = Zeroizing::new(closed.to_vec());
    cipher(encryption)
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            &bound(head, hash),
            open.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| Unreadable::Damaged)?;
    let (key_length, rest) = split::<4>(&open).ok_or(Unreadable::Damaged)?;
    contents(*key_length, Revision::from_bytes(*revision), rest)
}

fn bound(head: &[u8], hash: &str) -> Vec<u8> {
    [head, hash.as_bytes()].concat()
}

fn cipher(encryption: &EncryptionKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(encryption.expose_secret().into())
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::*;

    fn form() -> Form {
        Form::Sealed(EncryptionKey::from_bytes([7; 32]))
    }

    fn example() -> (Key, Entry) {
        let revision = Revision::from_bytes(*b"0123456789abcdef");
        (
            Key::new("kéy"),
            Entry::new(revision, b"by\0tes\xff".to_vec()),
        )
    }

    fn encoded() -> (Key, Vec<u8>) {
        let (key, entry) = example();
        (key.clone(), form().encode(&key, &entry).unwrap().to_vec())
    }

    /// Puts the right checksum under what was changed, as somebody who means harm would.
    fn closed(mut file: Vec<u8>) -> Vec<u8> {
        file.truncate(file.len() - CHECKSUM);
        close(&mut file);
        file
    }

    #[test]
    fn what_was_encrypted_is_read() {
        let (key, entry) = example();
        let file = form().encode(&key, &entry).unwrap();
        let hash = key.sha256_hex();
        assert_eq!(form().decode(&file, &hash), Ok((key, entry)));
        let key = Key::new("");
        let empty = Entry::new(Revision::from_bytes([0; 16]), vec![]);
        let file = form().encode(&key, &empty).unwrap();
        let hash = key.sha256_hex();
        assert_eq!(form().decode(&file, &hash), Ok((key, empty)));
    }

    #[test]
    fn the_layout_is_the_one_that_is_documented() {
        let (_, file) = encoded();
        assert!(file.starts_with(b"hallpass\x02\0\0\0"));
        assert_eq!(file[12..28], EncryptionKey::from_bytes([7; 32]).id());
        assert_eq!(&file[28..44], b"0123456789abcdef");
        assert_eq!(file.len(), 8 + 4 + 16 + 16 + 24 + (4 + 4 + 7) + 16 + 32);
    }

    #[test]
    fn neither_the_key_nor_the_bytes_are_in_the_file_and_no_two_writes_are_alike() {
        let (key, first) = encoded();
        let (_, second) = encoded();
        assert_ne!(first[44..68], second[44..68]);
        assert_ne!(first[68..], second[68..]);
        for shown in [key.as_str().as_bytes(), b"tes\xff"] {
            assert!(!first.windows(shown.len()).any(|window| window == shown));
        }
    }

    #[test]
    fn a_file_cut_or_flipped_anywhere_is_damaged_and_never_taken_for_another_keys() {
        let (key, file) = encoded();
        let hash = key.sha256_hex();
        for length in 12..file.len() {
            let answer = form().decode(&file[..length], &hash);
            assert_eq!(answer, Err(Unreadable::Damaged), "cut to {length}");
        }
        for bit in 12 * 8..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let answer = form().decode(&flipped, &hash);
            assert_eq!(answer, Err(Unreadable::Damaged), "bit {bit}");
        }
    }

    #[test]
    fn a_change_with_the_right_checksum_is_found_by_the_tag() {
        let (key, file) = encoded();
        let hash = key.sha256_hex();
        for bit in 28 * 8..(file.len() - CHECKSUM) * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let answer = form().decode(&closed(flipped), &hash);
            assert_eq!(answer, Err(Unreadable::Damaged), "bit {bit}");
        }
        for length in 12..file.len() - CHECKSUM {
            let cut = [&file[..length], &[0; CHECKSUM]].concat();
            assert!(form().decode(&closed(cut), &hash).is_err(), "{length}");
        }
    }

    #[test]
    fn a_file_in_the_place_of_another_keys_is_never_read() {
        let (_, file) = encoded();
        let other = Key::new("another key").sha256_hex();
        assert_eq!(form().decode(&file, &other), Err(Unreadable::Damaged));
    }

    #[test]
    fn another_encryption_key_and_none_are_told_from_damage() {
        let (key, file) = encoded();
        let hash = key.sha256_hex();
        let other = Form::Sealed(EncryptionKey::from_bytes([8; 32]));
        assert_eq!(other.decode(&file, &hash), Err(Unreadable::OtherKey));
        assert_eq!(Form::Plain.decode(&file, &hash), Err(Unreadable::Sealed));
        let plain = Form::Plain.encode(&key, &example().1).unwrap();
        assert_eq!(form().decode(&plain, &hash), Err(Unreadable::NotSealed));
    }

    #[test]
    fn without_random_bytes_nothing_is_encrypted() {
        let (key, entry) = example();
        let form = Form::Sealed(EncryptionKey::from_bytes([7; 32]).without_random_bytes());
        assert!(form.encode(&key, &entry).is_err());
    }
}
