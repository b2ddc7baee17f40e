#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod json;
mod json_error;
mod members;
mod reader;

pub use json::Json;
pub use json_error::JsonError;
pub use members::Members;

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep objects and arrays may stand in one another.
pub const MAX_DEPTH: usize = 32;
