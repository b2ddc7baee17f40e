//! The name of one writing of an entry.

use std::fmt;

/// 128 random bits that name one writing of an entry.
///
/// The caller draws them, so that no store needs a sequence, bytes that come back after
/// having been something else are not mistaken for the first ones, and a caller whose answer
/// was lost can load and look whether its own revision is there. A store compares revisions
/// for equality and does nothing else with them.
///
/// A revision is no secret: `Debug` shows it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision([u8; 16]);

impl Revision {
    /// Takes 16 bytes from a cryptographic random source (or those that were stored).
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, to be stored.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revision({:032x})", u128::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_all_sixteen_bytes_in_their_order() {
        let revision =
            Revision::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(
            format!("{revision:?}"),
            "Revision(000102030405060708090a0b0c0d0eff)"
        );
        assert_eq!(Revision::from_bytes(revision.to_bytes()), revision);
    }
}
