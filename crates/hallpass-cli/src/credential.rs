//! The protocols of the programs that ask others for credentials, each as functions from text to text.

pub mod docker;
pub mod git;
pub mod id_token;
pub mod kubernetes;
mod target;

pub use target::{InvalidTarget, Target};

/// A token on its way to who asked for it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credential {
    /// The name that goes with it, where a name and a password are asked for.
    pub username: String,
    /// The token.
    pub token: hallpass::Secret,
    /// When it ends, UTC; `None`: nobody says.
    pub expires_at: Option<time::UtcDateTime>,
}
