//! RSA keys that no client must believe, and signatures by them that are good (RFC 8017 §8.2).

use base64ct::{Base64UrlUnpadded, Encoding};
use crypto_bigint::{
    Odd, U1024,
    modular::{FixedMontyForm, FixedMontyParams},
};
use sha2::{Digest, Sha256};

/// The modulus of 1,024 bits.
const N: &str = "\
    a19febd94dd93bc7a0f5c2a6b60e99bcfaab50bb24a1c72e6d71c89d69a1f1a47192498cbdb3055890eeea90c6414bb8\
    1379d1b85fb2a3dad499dd751314b2301e6d6355ee8455dd216fa0f9b8879cfcaea9e281fd2e5e71dbace20a3c8cf391\
    2a46a7a2e65144f414a293625214b884a8babc4dc6725f0f3787c1e7a38abdc9";
/// Its private exponent.
const D: &str = "\
    307159647173e9fa04a184ad292629283e4db8cdcec5fa884cdf6cccd98b637cf15972580fc7a7938b25410311992293\
    d2aa91945c8293a01456e5cca06274a183989b1131ebaef890af30f855fa471355a675b0c71526c7c892c1e5fde0055a\
    cd824b5999b0c0b826b1da7dd21d296c1869917c8ff8cb9f15dd07bed13a67b1";

/// The modulus as a JWK has it.
pub(crate) fn modulus() -> String {
    Base64UrlUnpadded::encode_string(U1024::from_be_hex(N).to_be_bytes().as_ref())
}

/// RS256 with a key of 1,024 bits.
pub(crate) fn sign_1024(text: &str) -> Vec<u8> {
    let Some(modulus) = Odd::new(U1024::from_be_hex(N)).into_option() else {
        return Vec::new();
    };
    let message = U1024::from_be_slice(&padded(128, text));
    let message = FixedMontyForm::new(&message, &FixedMontyParams::new_vartime(modulus));
    let signature = message.pow(&U1024::from_be_hex(D)).retrieve();
    signature.to_be_bytes().as_ref().to_vec()
}

/// RS256 with a key of 2,048 bits whose exponent is 1: the padded hash is its own signature.
pub(crate) fn sign_exponent_one(text: &str) -> Vec<u8> {
    padded(256, text)
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of SHA-256.
fn padded(length: usize, text: &str) -> Vec<u8> {
    let identifier = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let hash = Sha256::digest(text);
    let filled = length.saturating_sub(identifier.len() + hash.len() + 3);
    [&[0, 1][..], &vec![0xff; filled], &[0], &identifier, &hash].concat()
}

#[cfg(test)]
mod tests {
    use ring::{
        rsa::PublicKeyComponents, signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    };

    use super::*;

    #[test]
    fn a_signature_by_the_short_key_is_good() {
        let n = U1024::from_be_hex(N).to_be_bytes();
        let public = PublicKeyComponents {
            n: n.as_ref(),
            e: &[1, 0, 1],
        };
        let parameters = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        assert!(
            public
                .verify(parameters, b"text", &sign_1024("text"))
                .is_ok()
        );
    }
}
