//! Randomness is the caller's: it is drawn once when a conversation begins, and all that must not be guessed
//! derives from it.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

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

/// What one conversation draws, as 43 characters of base64url: a PKCE verifier exactly as RFC 7636 §4.1
/// recommends one. Every `jti` is a hash of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(Secret);

/// A fresh `state`: 256 bits of their own.
///
/// Nothing of it derives from the verifier or the challenge. `state` comes back in the redirect, where logs and `Referer` headers may
/// show it; whoever knew the challenge from there could have a code issued for it and put that code into this login.
pub(crate) fn draw_state(random: &mut impl Random) -> Result<Secret, Error> {
    Seed::draw(random).map(|Seed(text)| text)
}

impl Seed {
    pub(crate) fn draw(random: &mut impl Random) -> Result<Self, Error> {
        let bytes = zeroize::Zeroizing::new(random.draw()?);
        Ok(Self(encoded(&*bytes)))
    }

    /// For what signs nothing and has no verifier.
    pub(crate) fn unused() -> Self {
        Self(Secret::new(""))
    }

    pub(crate) fn verifier(&self) -> &Secret {
        &self.0
    }

    /// The `S256` challenge of the verifier (RFC 7636 §4.2), in the caller's buffer.
    pub(crate) fn challenge<'b>(&self, buffer: &'b mut [u8; 43]) -> &'b str {
        let digest = Sha256::digest(self.0.expose_secret());
        // 32 bytes are 43 characters, always; a shorter text would only be refused by the server.
        Base64UrlUnpadded::encode(&digest, buffer).unwrap_or("")
    }

    /// A 256-bit value of its own for each `jti` (RFC 7519 §4.1.7): it is sent later than `state`, to another party.
    ///
    /// The time is in it, because what was stored before it was counted may go on twice.
    pub(crate) fn jwt_id(&self, count: u64, now: UtcDateTime) -> Secret {
        let mut hash = Sha256::new_with_prefix(self.0.expose_secret());
        hash.update(b"jti");
        hash.update(count.to_be_bytes());
        hash.update(now.unix_timestamp_nanos().to_be_bytes());
        encoded(&hash.finalize())
    }
}

fn encoded(bytes: &[u8]) -> Secret {
    Base64UrlUnpadded::encode_string(bytes).into()
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
        assert_eq!(Seed(verifier.into()).challenge(&mut [0; 43]), expected);
    }

    #[test]
    fn every_count_and_time_has_a_jti_of_its_own_that_shows_nothing_of_the_verifier() {
        let seed = Seed::draw(&mut || Ok([7; 32])).unwrap();
        let now = UtcDateTime::UNIX_EPOCH;
        let jwt_id = |count| seed.jwt_id(count, now);
        assert_eq!(jwt_id(1), jwt_id(1));
        assert_ne!(jwt_id(1), jwt_id(2));
        assert_ne!(jwt_id(1), seed.jwt_id(1, now + time::Duration::NANOSECOND));
        assert_ne!(jwt_id(1), *seed.verifier());
        assert_ne!(jwt_id(1).expose_secret(), seed.challenge(&mut [0; 43]));
    }
}
