//! Watching the session at the provider (OpenID Connect Session Management).

mod session_change;
mod session_page;
mod session_state;

pub use session_change::SessionChange;
pub use session_page::{OnChange, SessionPage};
pub use session_state::SessionState;
