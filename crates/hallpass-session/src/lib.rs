#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
mod record;
mod session;

pub use hallpass_store::{Key, TokenStore};

pub use error::SessionError;
pub use record::{Record, RecordError};
pub use session::Session;
