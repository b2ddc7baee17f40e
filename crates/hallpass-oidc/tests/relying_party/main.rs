//! What a relying party does with what a provider sends.

mod common;
mod jwt_verification;
mod provider_discovery;
