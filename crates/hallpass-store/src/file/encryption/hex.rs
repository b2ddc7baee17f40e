//! Bytes as lower-case hexadecimal digits.

use zeroize::Zeroizing;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        digits.push(char::from(DIGITS[usize::from(byte >> 4)]));
        digits.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    digits
}

/// `None` where these are not the digits, of either case, of exactly so many bytes.
pub(super) fn decode<const N: usize>(digits: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_they_are_written() {
        assert_eq!(*encode(&[0, 1, 0xab, 0xff]), "0001abff");
        assert_eq!(decode(b"0001aBFf").as_deref(), Some(&[0, 1, 0xab, 0xff]));
        for other in [
            &b"0001abf"[..],
            b"0001abff0",
            b"0001abff00",
            b"+001abff",
            b"",
        ] {
            assert_eq!(decode::<4>(other), None);
        }
    }
}
