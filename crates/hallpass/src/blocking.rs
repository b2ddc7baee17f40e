//! Sessions without async, and what they are made of: see [`Session`].
//!
//! A login is a conversation of [`grant`](crate::grant), which [`drive`] carries out.
//!
//! ```no_run
//! # #[cfg(feature = "reqwest")]
//! # fn example(client: hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use hallpass::{Key, blocking::{Driver, ReqwestTransport}, store::MemoryStore};
//!
//! let driver = Driver::new(ReqwestTransport::new()?);
//! let session = client.blocking_session(Arc::new(MemoryStore::new()), Key::new("alice"), driver)?;
//! let tokens = session.tokens()?;
//! # Ok(()) }
//! ```

#[cfg(feature = "reqwest")]
pub use hallpass_http::blocking::ReqwestTransport;
pub use hallpass_http::blocking::{Clock, Signer, SystemClock, Transport, drive};
pub use hallpass_session::blocking::{Driver, Session};
pub use hallpass_store::blocking::{ListKeys, TokenStore};
