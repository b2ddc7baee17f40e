//! Values that nobody may read by accident: redacted in `Debug`, compared in
//! constant time, wiped from memory when dropped.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Secret text: a token, a client secret, a verifier.
///
/// `Debug` prints `Secret(…)`; there is no `Display`. Equality takes the same
/// time wherever two secrets of one length differ. The memory is wiped when the
/// value is dropped.
///
/// It serialises as the plain text, because what is stored must come back: seal
/// the place you serialise it to.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes the text without copying it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text. The name is long so that a reader of the calling code stops at it.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Secret bytes: a body on its way to a server, a record on its way to a store.
///
/// `Debug` prints the length alone. Equality is in constant time, and the memory is wiped
/// when the value is dropped.
#[derive(Clone, Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes the bytes without copying them.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes. The name is long so that a reader of the calling code stops at it.
    pub fn expose_secret(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<String> for SecretBytes {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_character_of_a_secret() {
        let shown = format!(
            "{:?} {:?}",
            Secret::new("canary-71f3"),
            SecretBytes::new("canary-71f3")
        );
        assert_eq!(shown, "Secret(…) SecretBytes(11 bytes)");
    }

    #[test]
    fn secrets_are_equal_when_their_text_is() {
        assert_eq!(Secret::new("a"), Secret::from("a"));
        assert_ne!(Secret::new("a"), Secret::new("b"));
        assert_ne!(Secret::new("a"), Secret::new("ab"));
        assert_eq!(SecretBytes::new("a"), SecretBytes::from("a".to_owned()));
        assert_ne!(SecretBytes::new("a"), SecretBytes::new("b"));
    }

    #[test]
    fn a_secret_comes_back_from_its_stored_form() {
        let stored = serde_json::to_string(&Secret::new("s")).unwrap();
        assert_eq!(stored, "\"s\"");
        assert_eq!(
            serde_json::from_str::<Secret>(&stored).unwrap(),
            Secret::new("s")
        );
    }
}
