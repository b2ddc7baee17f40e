#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod claims;
mod fault;
mod provider_discovery;
mod provider_metadata;

pub use claims::{
    Address, Birthdate, BooleanClaim, ClaimsProfile, ClaimsRequest, DateClaim, IndividualClaim,
    InvalidBirthdate, NullClaim, StandardClaims,
};
pub use fault::Fault;
pub use provider_discovery::ProviderDiscovery;
pub use provider_metadata::ProviderMetadata;
