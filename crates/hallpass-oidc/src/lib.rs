#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod asked;
mod authentication;
mod authentication_request;
mod claims;
mod fault;
mod id_token_claims;
mod initiated_login;
mod jwt_rules;
mod jwt_verification;
mod key_cache;
mod login;
mod logout;
mod part;
mod provider_discovery;
mod provider_keys;
mod provider_metadata;
mod pushed_login;
mod refresh;
mod relying_party;
mod relying_party_metadata;
mod response_type;
mod session;
#[cfg(feature = "encryption")]
mod token_encryption;
mod user_info;
mod web_finger;

pub use authentication::{Authenticated, Authentication};
pub use authentication_request::{AuthenticationRequest, Display, Prompt};
pub use claims::{
    Address, Birthdate, BooleanClaim, ClaimCollection, ClaimSource, ClaimSources, ClaimsProfile,
    ClaimsProviders, ClaimsRequest, CollectedClaims, DateClaim, IndividualClaim, InvalidBirthdate,
    NullClaim, StandardClaims,
};
pub use fault::Fault;
pub use id_token_claims::IdTokenClaims;
pub use initiated_login::InitiatedLogin;
pub use jwt_rules::JwtRules;
pub use jwt_verification::{JwtVerification, VerifiedJwt};
pub use key_cache::KeyLimits;
pub use login::Login;
pub use logout::{
    BackChannelLogout, FrontChannelLogout, LogoutAnswer, LogoutRequest, LogoutRules, LogoutToken,
    LogoutUrl, PendingLogout, SeenLogoutTokens, SessionRequirement,
};
pub use provider_discovery::ProviderDiscovery;
pub use provider_keys::ProviderKeys;
pub use provider_metadata::ProviderMetadata;
pub use pushed_login::PushedLogin;
pub use refresh::{Refresh, Refreshed};
pub use relying_party::RelyingParty;
pub use relying_party_metadata::RelyingPartyMetadata;
pub use response_type::ResponseType;
pub use session::{OnChange, SessionChange, SessionPage, SessionState};
pub use user_info::{UserInfo, UserInfoMethod, UserInfoRequest};
pub use web_finger::{Identifier, InvalidIdentifier, WebFinger};
