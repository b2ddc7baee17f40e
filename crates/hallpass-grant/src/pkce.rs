//! Proof Key for Code Exchange (RFC 7636), with `S256` alone.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

/// The only method: `plain` would show the verifier to whoever sees the authorization request.
pub(crate) const METHOD: &str = "S256";

/// The challenge of a verifier, written into the caller's buffer.
pub(crate) fn challenge<'b>(verifier: &str, buffer: &'b mut [u8; 43]) -> &'b str {
    let digest = Sha256::digest(verifier.as_bytes());
    // 32 bytes are 43 characters, always; a shorter text would only be refused by the server.
    Base64UrlUnpadded::encode(&digest, buffer).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let vector = include_str!("../tests/vectors/rfc7636-appendix-b.txt");
        let mut lines = vector.lines().filter_map(|line| line.split_once(": "));
        let (_, verifier) = lines.next().unwrap();
        let (_, expected) = lines.next().unwrap();
        assert_eq!(challenge(verifier, &mut [0; 43]), expected);
    }
}
