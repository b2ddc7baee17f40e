#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backoff;
pub mod blocking;
mod desk;
mod draws;
mod error;
mod event;
mod hooks;
mod moment;
mod provider;
mod record;
mod rule;
mod session;
#[cfg(test)]
mod simulation;
mod timing;
mod tokens;
pub mod transaction;
mod watch;
mod windows;

pub use async_trait::async_trait;
pub use hallpass_store::{Key, TokenStore};

pub use error::SessionError;
pub use event::Event;
pub use moment::Moment;
pub use provider::TokenProvider;
pub use record::{End, Login, Owner, Record, RecordError, Refresh};
pub use session::Session;
pub use timing::Timing;
pub use tokens::Tokens;
pub use windows::{Window, Windows};
