//! Logging out: at the provider's (RP-Initiated Logout), and when the provider tells of it (Front-Channel and Back-Channel Logout).

mod front_channel_logout;
mod logout_request;
mod pending_logout;
mod session_requirement;

pub use front_channel_logout::FrontChannelLogout;
pub use logout_request::{LogoutRequest, LogoutUrl};
pub use pending_logout::PendingLogout;
pub(crate) use pending_logout::query;
pub use session_requirement::SessionRequirement;
