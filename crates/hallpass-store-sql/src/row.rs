//! What stands in a row, and what comes out of it.

use hallpass_store::{Entry, Key, Revision, StoreError, StoreErrorKind};
use sha2::{Digest, Sha256};

/// The most that an entry's bytes and its key's text may have together. Databases hold more; a session never needs it.
const LIMIT: usize = 16 * 1024 * 1024;

/// The primary key: the SHA-256 of the key's text, because texts are longer than what an index takes.
pub(crate) fn hash(key: &Key) -> [u8; 32] {
    Sha256::digest(key.as_str().as_bytes()).into()
}

/// Refuses what is larger than an entry may be.
pub(crate) fn measure(key: &Key, entry: &Entry) -> Result<(), StoreError> {
    match key.as_str().len().checked_add(entry.bytes.len()) {
        Some(size) if size <= LIMIT => Ok(()),
        _ => Err(StoreError::new(
            StoreErrorKind::Other,
            "the entry and its key are larger than 16 MiB",
        )),
    }
}

/// The two columns of an entry; both absent where there is none.
pub(crate) fn entry(
    revision: Option<Vec<u8>>,
    bytes: Option<Vec<u8>>,
) -> Result<Option<Entry>, StoreError> {
    let (revision, bytes) = match (revision, bytes) {
        (None, None) => return Ok(None),
        (Some(revision), Some(bytes)) => (revision, bytes),
        _ => return Err(changed()),
    };
    let revision = revision.try_into().map_err(|_| changed())?;
    Ok(Some(Entry::new(Revision::from_bytes(revision), bytes)))
}

/// Where a row goes that is no entry: another primary key, and a text that is no key's because it is not UTF-8.
#[cfg(feature = "sqlite")]
pub(crate) fn aside(key: &Key) -> ([u8; 32], Vec<u8>) {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let nanoseconds = since.unwrap_or_default().as_nanos();
    let mut text = b"\xffcorrupt ".to_vec();
    text.extend_from_slice(format!("{nanoseconds} {}", key.as_str()).as_bytes());
    (Sha256::digest(&text).into(), text)
}

/// The keys of these texts. One that is not UTF-8 is not ours, and left out.
pub(crate) fn keys(texts: Vec<Vec<u8>>) -> Vec<Key> {
    let texts = texts.into_iter().map(String::from_utf8);
    texts.filter_map(Result::ok).map(Key::new).collect()
}

fn changed() -> StoreError {
    StoreError::new(
        StoreErrorKind::Corrupt,
        "the row was changed by something else than this store",
    )
}

/// What happened when a swap's statement changed this many rows.
pub(crate) fn written(rows: u64) -> Result<(), hallpass_store::SwapError> {
    match rows {
        0 => Err(hallpass_store::SwapError::Conflict),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_row_is_corrupt_and_no_row_is_none() {
        assert_eq!(entry(None, None).unwrap(), None);
        for (revision, bytes) in [
            (Some(vec![0; 16]), None),
            (None, Some(Vec::new())),
            (Some(vec![0; 15]), Some(Vec::new())),
        ] {
            let error = entry(revision, bytes).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        }
    }

    #[test]
    fn an_entry_is_measured_with_its_key() {
        let entry = Entry::new(Revision::from_bytes([0; 16]), vec![0; LIMIT - 1]);
        assert!(measure(&Key::new("k"), &entry).is_ok());
        assert!(measure(&Key::new("kk"), &entry).is_err());
    }

    #[test]
    fn a_text_that_is_not_utf_8_is_left_out() {
        assert_eq!(keys(vec![b"a\0".to_vec(), vec![0xff]]), [Key::new("a\0")]);
    }
}
