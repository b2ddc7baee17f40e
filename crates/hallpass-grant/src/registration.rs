//! Registering a client by itself, and managing what was registered (RFC 7591, RFC 7592).

mod client_metadata;
mod registered_client;

pub use client_metadata::ClientMetadata;
pub use registered_client::{DeletionAnswer, RegisteredClient, RegistrationAnswer};
