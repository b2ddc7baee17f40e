//! Codes and tokens that nobody can guess from the outside and everybody can repeat: a hash over seed and counter. Good
//! for tests, and for nothing else.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

#[derive(Debug)]
pub(crate) struct Random {
    start: [u8; 32],
    counter: u64,
}

impl Random {
    /// The issuer is part of it, so that two servers never give out the same code.
    pub(crate) fn new(seed: u64, issuer: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(issuer);
        Self {
            start: hash.finalize().into(),
            counter: 0,
        }
    }

    /// 256 bits, the same for the same label. What is drawn does not change.
    pub(crate) fn derived_bytes(&self, label: &str) -> [u8; 32] {
        let hash = Sha256::new()
            .chain_update(self.start)
            .chain_update("derived")
            .chain_update(label);
        hash.finalize().into()
    }

    /// The same as 43 characters.
    pub(crate) fn derived(&self, label: &str) -> String {
        Base64UrlUnpadded::encode_string(&self.derived_bytes(label))
    }

    /// 256 bits as 43 characters.
    pub(crate) fn text(&mut self) -> String {
        self.counter = self.counter.wrapping_add(1);
        let hash = Sha256::new()
            .chain_update(self.start)
            .chain_update(self.counter.to_be_bytes());
        Base64UrlUnpadded::encode_string(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ_and_two_runs_do_not() {
        let (mut first, mut second) = (Random::new(1, "a"), Random::new(1, "a"));
        let drawn = first.text();
        assert_eq!(drawn, second.text());
        assert_ne!(drawn, first.text());
        assert_ne!(drawn, Random::new(1, "b").text());
    }
}
