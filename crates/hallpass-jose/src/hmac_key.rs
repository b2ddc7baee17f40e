//! A secret with the hash it is for, long enough for it (RFC 7518 §3.2).

use ring::hmac;

use crate::{KeyError, SignatureAlgorithm, Weakness};

pub(crate) fn new(secret: &[u8], algorithm: SignatureAlgorithm) -> Result<hmac::Key, KeyError> {
    let hash = match algorithm {
        SignatureAlgorithm::Hs256 => hmac::HMAC_SHA256,
        SignatureAlgorithm::Hs384 => hmac::HMAC_SHA384,
        SignatureAlgorithm::Hs512 => hmac::HMAC_SHA512,
        _ => {
            return Err(KeyError::Kind {
                algorithm: algorithm.name(),
            });
        }
    };
    match secret.len() < hash.digest_algorithm().output_len() {
        true => Err(KeyError::Weak(Weakness::TooShort)),
        false => Ok(hmac::Key::new(hash, secret)),
    }
}
