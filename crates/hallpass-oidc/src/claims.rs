//! What is claimed about a user (OpenID Connect Core §5): the standard claims by type, and how claims are asked for.

mod address;
mod birthdate;
mod claims_profile;
mod claims_request;
mod standard_claims;

pub use address::Address;
pub use birthdate::{Birthdate, InvalidBirthdate};
pub use claims_profile::{BooleanClaim, ClaimsProfile, DateClaim, NullClaim};
pub use claims_request::{ClaimsRequest, IndividualClaim};
pub use standard_claims::StandardClaims;
