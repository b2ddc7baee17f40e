#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod claims;
mod fault;
mod initiated_login;
mod jwt_rules;
mod jwt_verification;
mod key_cache;
mod logout;
mod provider_discovery;
mod provider_keys;
mod provider_metadata;
mod relying_party_metadata;
mod session;
mod web_finger;

pub use claims::{
    Address, Birthdate, BooleanClaim, ClaimCollection, ClaimSource, ClaimSources, ClaimsProfile,
    ClaimsProviders, ClaimsRequest, CollectedClaims, DateClaim, IndividualClaim, InvalidBirthdate,
    NullClaim, StandardClaims,
};
pub use fault::Fault;
pub use initiated_login::InitiatedLogin;
pub use jwt_rules::JwtRules;
pub use jwt_verification::{JwtVerification, VerifiedJwt};
pub use key_cache::KeyLimits;
pub use logout::{
    BackChannelLogout, FrontChannelLogout, LogoutAnswer, LogoutRequest, LogoutRules, LogoutToken,
    LogoutUrl, PendingLogout, SeenLogoutTokens, SessionRequirement,
};
pub use provider_discovery::ProviderDiscovery;
pub use provider_keys::ProviderKeys;
pub use provider_metadata::ProviderMetadata;
pub use relying_party_metadata::RelyingPartyMetadata;
pub use session::{OnChange, SessionChange, SessionPage, SessionState};
pub use web_finger::{Identifier, InvalidIdentifier, WebFinger};
