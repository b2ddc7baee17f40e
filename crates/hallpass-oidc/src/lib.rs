#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod fault;
mod provider_discovery;
mod provider_metadata;

pub use fault::Fault;
pub use provider_discovery::ProviderDiscovery;
pub use provider_metadata::ProviderMetadata;
