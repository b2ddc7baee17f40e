//! The name an entry is stored under.

use std::fmt;

use sha2::{Digest, Sha256};

/// The name an entry is stored under: any text the application chooses, such as the issuer,
/// the client and the user together.
///
/// Every two different texts are two keys: case, blanks at the end, NUL and Unicode
/// normal forms all count, and the empty text is a key too. Who joins several parts into one text
/// should join them with something that none of the parts can hold.
///
/// The text may name a person (a mail address, say), so `Debug` shows the first eight digits of its
/// SHA-256 instead, and there is no `Display`.
///
/// ```
/// use hallpass_store::Key;
///
/// let key = Key::new("https://as.example\nclient-1\nada@example.org");
/// assert_eq!(format!("{:?}", Key::new("abc")), "Key(ba7816bf…)");
/// assert_ne!(key, Key::new(key.as_str().to_uppercase()));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Takes the text as it is; nothing is trimmed, folded or refused.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The SHA-256 of the text as 64 lower-case hexadecimal digits: a name for stores whose own
    /// names are short, fold case or forbid some characters.
    pub fn sha256_hex(&self) -> String {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        Sha256::digest(self.0.as_bytes())
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|half| char::from(DIGITS[usize::from(half)]))
            .collect()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:.8}…)", self.sha256_hex())
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_sha_256_of_the_text() {
        assert_eq!(
            Key::new("abc").sha256_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn debug_shows_nothing_of_the_text() {
        assert!(!format!("{:?}", Key::new("ada@example.org")).contains("ada"));
    }
}
