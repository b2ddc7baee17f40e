//! What a transaction draws.

use hallpass_grant::{Random, RandomError};
use hallpass_store::Revision;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Everything random in one transaction: it derives from 32 bytes drawn when it begins, so that nothing can fail for want of randomness
/// after something was spent.
pub(crate) struct Draws {
    seed: Zeroizing<[u8; 32]>,
    drawn: u64,
}

impl Draws {
    pub(crate) fn new(random: &mut impl Random) -> Result<Self, RandomError> {
        let seed = Zeroizing::new(random.draw()?);
        Ok(Self { seed, drawn: 0 })
    }

    /// Sixteen bytes, as a revision or a login is named with.
    pub(crate) fn name(&mut self) -> [u8; 16] {
        let bytes = self.next();
        std::array::from_fn(|at| bytes[at])
    }

    pub(crate) fn revision(&mut self) -> Revision {
        Revision::from_bytes(self.name())
    }

    /// Somewhere from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        let [a, b, c, d, ..] = self.next();
        f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
    }

    fn next(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        let hash = Sha256::new_with_prefix(self.seed.as_slice());
        hash.chain_update(self.drawn.to_be_bytes())
            .finalize()
            .into()
    }
}

/// For the conversation that a transaction has with the server.
impl Random for Draws {
    fn draw(&mut self) -> Result<[u8; 32], RandomError> {
        Ok(self.next())
    }
}
