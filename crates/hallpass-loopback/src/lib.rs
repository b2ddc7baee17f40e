#![cfg_attr(feature = "browser", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "browser"),
    doc = "Receives the redirect of a login on `127.0.0.1` or `[::1]` (RFC 8252): see [`Receiver`]."
)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod blocking;
#[cfg(feature = "browser")]
pub mod browser;
mod colour;
mod connections;
mod desk;
mod error;
mod options;
mod page;
mod received;
mod receiver;

pub use colour::Colour;
pub use error::{BindError, ReceiveError};
pub use options::{Address, Options};
pub use received::Received;
pub use receiver::Receiver;
