//! Randomness from the operating system.

use hallpass_grant::{Random, RandomError};

/// The operating system's randomness. When it fails there is none, and nothing to fall back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OsRandom;

impl Random for OsRandom {
    fn draw(&mut self) -> Result<[u8; 32], RandomError> {
        let mut drawn = [0; 32];
        match getrandom::fill(&mut drawn) {
            Ok(()) => Ok(drawn),
            Err(_) => Err(RandomError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_are_never_the_same() {
        let drawn = OsRandom.draw().unwrap();
        assert_ne!(drawn, [0; 32]);
        assert_ne!(drawn, OsRandom.draw().unwrap());
    }
}
