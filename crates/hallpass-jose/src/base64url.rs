//! base64url without padding (RFC 7515 §2), one spelling for each value: no white space, no padding, and no bit that is
//! set where none counts.

use base64ct::{Base64UrlUnpadded, Encoding};

/// What a text stands for, or nothing where it is not the one way to write it.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }
}
