//! Tokens that are bound to a key (DPoP, RFC 9449).

mod key;
mod nonces;
mod proof;

pub use key::DpopKey;
pub use proof::Proof;

pub(crate) use proof::{Claims, unproven};
