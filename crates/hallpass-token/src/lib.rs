#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod secret;

pub use secret::{Secret, SecretBytes};
