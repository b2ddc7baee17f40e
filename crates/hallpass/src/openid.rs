//! What OpenID Connect adds: keys of the application's own.

mod local_signer;

pub use local_signer::LocalSigner;
