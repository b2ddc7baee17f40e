//! base64url without padding (RFC 7515 §2), one spelling for each value: no white space, no padding, and no bit that is
//! set where none counts.
//!
//! Two libraries, because one is four times as quick and the other takes the same time for every secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// What a text stands for, or nothing where it is not the one way to write it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The same for what a key keeps to itself: how long it takes tells nothing but the length.
pub(crate) fn decode_secret(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    Base64UrlUnpadded::decode_vec(text).ok().map(Zeroizing::new)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn every_value_has_one_spelling() {
        for length in 0..6 {
            let bytes = vec![0xa5; length];
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
        // One character, padding, the other alphabet, white space, bits that stand for nothing.
        for text in [
            "A", "AAAAA", "AA==", "AA=", "+_8", "/_8", "A A", "AAA\n", " AAA", "AB", "AAB", "é",
        ] {
            assert_eq!(decode(text), None, "{text}");
            assert_eq!(decode_secret(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_libraries_read_the_same_texts(text in "[A-Za-z0-9_=+/ -]{0,12}") {
            let quick = decode(&text);
            prop_assert_eq!(&quick, &decode_secret(&text).map(|bytes| bytes.to_vec()));
            if let Some(bytes) = quick {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
