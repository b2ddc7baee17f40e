//! Randomness is the caller's: it is drawn once when a conversation begins, and all that must not be guessed
//! derives from it.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use hallpass_token::Secret;

use crate::{Error, Misuse};

/// A source of randomness that nobody can guess: the operating system's (`hallpass-http` has it as `OsRandom`).
///
/// Any `FnMut() -> Result<[u8; 32], RandomError>` is one.
pub trait Random {
    /// Draws 32 bytes.
    ///
    /// # Errors
    /// [`RandomError`] when there is no good randomness now. There is no fallback: what was to begin does not.
    fn draw(&mut self) -> Result<[u8; 32], RandomError>;
}

/// The random source has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the random source failed")]
pub struct RandomError;

impl<F: FnMut() -> Result<[u8; 32], RandomError>> Random for F {
    fn draw(&mut self) -> Result<[u8; 32], RandomError> {
        self()
    }
}

impl From<RandomError> for Error {
    fn from(error: RandomError) -> Self {
        Self::from(Misuse::Random).with_source(error)
    }
}

/// What one conversation draws, as 43 characters of base64url.
///
/// The text itself is a PKCE verifier exactly as RFC 7636 §4.1 recommends one; everything else is a hash of it
/// under a name, so that what is sent early (`state`, in a URL) tells nothing about what is sent late.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seed(Secret);

impl Seed {
    pub(crate) fn draw(random: &mut impl Random) -> Result<Self, Error> {
        let bytes = zeroize::Zeroizing::new(random.draw()?);
        Ok(Self(Base64UrlUnpadded::encode_string(&*bytes).into()))
    }

    pub(crate) fn verifier(&self) -> &Secret {
        &self.0
    }

    /// A 256-bit value of its own for each purpose and count.
    pub(crate) fn derive(&self, purpose: Purpose, count: u64) -> Secret {
        let mut hash = Sha256::new_with_prefix(self.0.expose_secret());
        hash.update([purpose as u8]);
        hash.update(count.to_be_bytes());
        Base64UrlUnpadded::encode_string(&hash.finalize()).into()
    }
}

/// What a derived value is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    State = 1,
    JwtId = 2,
}
