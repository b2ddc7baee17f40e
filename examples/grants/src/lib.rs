//! What the programs in `src/bin` share: an HTTP client, a key that signs, and a user who has logged in before.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod http_client;
mod key;
mod login;

pub use http_client::http_client;
pub use key::Key;
pub use login::log_in;
