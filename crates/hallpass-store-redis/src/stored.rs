//! How an entry stands in Redis: one string under one name.
//!
//! The string is the number of its form (1 byte, 1), the revision (16 bytes), the length of the key's text (4 bytes, the
//! highest first), that text, and the entry's bytes. `swap.lua` compares the first two, `key_text.lua` reads the text,
//! `set_aside.lua` puts away what is none of that.

use hallpass_store::{Entry, Key, Revision, StoreError, StoreErrorKind};
use zeroize::Zeroizing;

const FORM: u8 = 1;
/// Forms stay below: with what comes after, texts begin.
const MOST_FORMS: u8 = 32;
const REVISION_END: usize = 17;
const HEAD: usize = 21;
/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// The name under which an entry stands: the prefix, and the SHA-256 of the key's text.
pub(crate) fn name(prefix: &str, key: &Key) -> String {
    format!("{prefix}{}", key.sha256_hex())
}

/// The pattern that finds the names with this prefix, and perhaps others too.
pub(crate) fn pattern(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + DIGITS);
    for character in prefix.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.extend(std::iter::repeat_n('?', DIGITS));
    pattern
}

/// How a value with this revision begins.
pub(crate) fn beginning(revision: Revision) -> [u8; REVISION_END] {
    let mut beginning = [FORM; REVISION_END];
    beginning[1..].copy_from_slice(&revision.to_bytes());
    beginning
}

/// The string that stands for the entry.
pub(crate) fn write(key: &Key, entry: &Entry) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (text, bytes) = (key.as_str().as_bytes(), entry.bytes.expose_secret());
    let length = u32::try_from(text.len()).map_err(|_| {
        StoreError::new(StoreErrorKind::Other, "the key's text is longer than 4 GiB")
    })?;
    // Its whole length at once: a vector that grows leaves copies behind that nobody wipes.
    let mut value = Zeroizing::new(Vec::with_capacity(HEAD + text.len() + bytes.len()));
    value.extend_from_slice(&beginning(entry.revision));
    value.extend_from_slice(&length.to_be_bytes());
    value.extend_from_slice(text);
    value.extend_from_slice(bytes);
    Ok(value)
}

/// What a string under a key's name is.
pub(crate) enum Stored {
    Entry(Entry),
    /// Of a later version of this crate, which can read it.
    Later,
    /// What this store has surely not written here, and why.
    Foreign(Zeroizing<Vec<u8>>, &'static str),
}

/// What the string stands for.
pub(crate) fn read(key: &Key, value: Vec<u8>) -> Stored {
    let mut value = Zeroizing::new(value);
    match value.first() {
        Some(&FORM) => {}
        Some(form) if *form > FORM && *form < MOST_FORMS => return Stored::Later,
        _ => return Stored::Foreign(value, "it is no entry of hallpass"),
    }
    let text = key.as_str().as_bytes();
    let (revision, stored_text) = match head(&value) {
        Some(head) => head,
        None => return Stored::Foreign(value, "it was cut"),
    };
    if stored_text != text {
        return Stored::Foreign(value, "it is the entry of another key");
    }
    let begin = HEAD + text.len();
    value.drain(..begin);
    Stored::Entry(Entry::new(revision, std::mem::take(&mut *value)))
}

/// The revision, and the text of the key.
fn head(value: &[u8]) -> Option<(Revision, &[u8])> {
    let revision: [u8; 16] = value.get(1..REVISION_END)?.try_into().ok()?;
    let length: [u8; 4] = value.get(REVISION_END..HEAD)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    let text = value.get(HEAD..)?.get(..length)?;
    Some((Revision::from_bytes(revision), text))
}

/// What stands under the key's name cannot be read; why, and where it is now.
pub(crate) fn corrupt(what: &str, place: &str) -> StoreError {
    let message = format!("what stands under the key's name cannot be read: {what}; it {place}");
    StoreError::new(StoreErrorKind::Corrupt, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::new(
            Revision::from_bytes(*b"0123456789abcdef"),
            b"bytes".to_vec(),
        )
    }

    #[test]
    fn the_form_is_this_one() {
        let value = write(&Key::new("ada"), &entry()).unwrap();
        assert_eq!(value.as_slice(), b"\x010123456789abcdef\0\0\0\x03adabytes");
        assert!(value.starts_with(&beginning(entry().revision)));
    }

    #[test]
    fn what_was_written_is_read() {
        for text in ["", "ada", "\0\n*é"] {
            let key = Key::new(text);
            let value = write(&key, &entry()).unwrap();
            let stored = read(&key, value.to_vec());
            assert!(matches!(stored, Stored::Entry(read) if read == entry()));
        }
    }

    #[test]
    fn what_is_cut_foreign_or_anothers_is_surely_no_entry_and_a_later_form_may_be() {
        let key = Key::new("ada");
        let whole = write(&key, &entry()).unwrap();
        let mut foreign = vec![Vec::new(), b"torn".to_vec(), b"{}".to_vec(), vec![0; 99]];
        foreign.extend((1..HEAD + 3).map(|end| whole[..end].to_vec()));
        foreign.push(write(&Key::new("eve"), &entry()).unwrap().to_vec());
        for value in foreign {
            let stored = read(&key, value.clone());
            assert!(matches!(stored, Stored::Foreign(kept, _) if *kept == value));
        }
        for form in [2, 31] {
            let later = [&[form], &whole[1..]].concat();
            assert!(matches!(read(&key, later), Stored::Later));
        }
    }

    #[test]
    fn a_name_tells_nothing_of_the_key() {
        let name = name("app:", &Key::new("abc"));
        assert_eq!(
            name,
            "app:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_prefix_is_no_pattern() {
        let digits = "?".repeat(64);
        assert_eq!(pattern("a*[b]?"), format!(r"a\*\[b\]\?{digits}"));
    }
}
