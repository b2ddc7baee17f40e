//! Logging out: at the provider's (RP-Initiated Logout), and when the provider tells of it (Front-Channel and Back-Channel Logout).

mod back_channel_logout;
mod front_channel_logout;
mod logout_request;
mod logout_rules;
mod logout_token;
mod pending_logout;
mod seen_logout_tokens;
mod session_requirement;

pub use back_channel_logout::{BackChannelLogout, LogoutAnswer};
pub use front_channel_logout::FrontChannelLogout;
pub use logout_request::{LogoutRequest, LogoutUrl};
pub use logout_rules::LogoutRules;
pub(crate) use logout_token::EVENT;
pub use logout_token::LogoutToken;
pub use pending_logout::PendingLogout;
pub(crate) use pending_logout::query;
pub use seen_logout_tokens::SeenLogoutTokens;
pub use session_requirement::SessionRequirement;
