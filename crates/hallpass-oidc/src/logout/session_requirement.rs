//! What this client is registered for.

use serde::{Deserialize, Serialize};

/// Whether the provider must say which session is over (`frontchannel_logout_session_required`, `backchannel_logout_session_required`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionRequirement {
    /// It may leave that open.
    #[default]
    Optional,
    /// It must.
    Required,
}

/// As the client is registered.
impl From<bool> for SessionRequirement {
    fn from(required: bool) -> Self {
        match required {
            true => Self::Required,
            false => Self::Optional,
        }
    }
}
