//! What a relying party does with what a provider sends.

mod any_claims;
mod back_channel_logout;
mod beside_the_login;
mod claim_collection;
mod common;
#[cfg(feature = "encryption")]
mod encryption;
mod hostile_provider;
mod jwt_verification;
mod login;
mod provider_discovery;
mod pushed_login;
mod refresh;
mod request;
mod user_info;
