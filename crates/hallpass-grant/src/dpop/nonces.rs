//! What servers want to see in the next proof.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The newest nonce of each origin (RFC 9449 §8.2). Clones are one.
#[derive(Clone, Default)]
pub(super) struct Nonces(Arc<Mutex<VecDeque<Nonce>>>);

struct Nonce {
    origin: String,
    value: String,
}

/// How many origins are remembered; the one that was heard of longest ago is forgotten first.
const MAX_ORIGINS: usize = 64;
/// A longer nonce is none that a header could carry back.
const MAX_BYTES: usize = 4096;

impl Nonces {
    pub(super) fn of(&self, origin: &str) -> Option<String> {
        let nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = nonces.iter().find(|nonce| nonce.origin == origin);
        found.map(|nonce| nonce.value.clone())
    }

    /// Whether it is one that can be kept.
    pub(super) fn keep(&self, origin: &str, value: &str) -> bool {
        if value.is_empty() || value.len() > MAX_BYTES {
            return false;
        }
        let mut nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.retain(|nonce| nonce.origin != origin);
        if nonces.len() == MAX_ORIGINS {
            nonces.pop_front();
        }
        nonces.push_back(Nonce {
            origin: origin.to_owned(),
            value: value.to_owned(),
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_its_newest_nonce() {
        let nonces = Nonces::default();
        nonces.keep("https://a.example", "1");
        nonces.clone().keep("https://b.example", "2");
        nonces.keep("https://a.example", "3");
        assert_eq!(nonces.of("https://a.example").as_deref(), Some("3"));
        assert_eq!(nonces.of("https://b.example").as_deref(), Some("2"));
        assert_eq!(nonces.of("https://c.example"), None);
    }

    #[test]
    fn many_origins_and_a_long_nonce_cost_nothing() {
        let nonces = Nonces::default();
        for number in 0..1000 {
            nonces.keep(&format!("https://{number}.example"), "n");
        }
        assert_eq!(nonces.0.lock().unwrap().len(), MAX_ORIGINS);
        nonces.keep("https://long.example", &"n".repeat(MAX_BYTES + 1));
        assert_eq!(nonces.of("https://long.example"), None);
    }
}
