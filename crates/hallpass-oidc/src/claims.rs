//! What is claimed about a user (OpenID Connect Core §5): the standard claims by type, how claims are asked for, and those that somebody else
//! makes.

mod address;
mod birthdate;
mod claim_collection;
mod claim_sources;
mod claims_profile;
mod claims_providers;
mod claims_request;
mod standard_claims;

pub use address::Address;
pub use birthdate::{Birthdate, InvalidBirthdate};
pub use claim_collection::{ClaimCollection, CollectedClaims};
pub use claim_sources::{ClaimSource, ClaimSources};
pub use claims_profile::{BooleanClaim, ClaimsProfile, DateClaim, NullClaim};
pub use claims_providers::ClaimsProviders;
pub use claims_request::{ClaimsRequest, IndividualClaim};
pub use standard_claims::StandardClaims;
