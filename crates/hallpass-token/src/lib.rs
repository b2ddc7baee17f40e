#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod lifetime;
mod secret;
mod token;
mod token_set;

pub use hallpass_json::{Json, JsonError, MAX_BYTES, MAX_DEPTH, Members};
pub use hallpass_scope::{ScopeDifference, Scopes};

pub use lifetime::{Expiry, Lifetime};
pub use secret::{Secret, SecretBytes};
pub use token::{AccessToken, InvalidToken, RefreshToken};
pub use token_set::{TokenSet, TokenType};
