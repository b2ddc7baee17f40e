//! GitHub (OAuth apps and GitHub apps).

use super::{AnswerForm, Profile, ScopeSeparator};
use crate::{Endpoint, ServerMetadata};

impl Profile {
    /// GitHub: answers name scopes by comma, and older Enterprise servers answer with a form whatever is asked for.
    /// Errors come with status 200.
    pub const GITHUB: Self = Self {
        granted_scopes: ScopeSeparator::Comma,
        answer: AnswerForm::JsonOrForm,
        ..Self::STRICT
    };
}

impl ServerMetadata {
    /// github.com, which has no metadata of its own: the code grant and the device grant.
    pub fn github() -> Self {
        Self {
            authorization_endpoint: Endpoint::new("https://github.com/login/oauth/authorize").ok(),
            token_endpoint: Endpoint::new("https://github.com/login/oauth/access_token").ok(),
            device_authorization_endpoint: Endpoint::new("https://github.com/login/device/code")
                .ok(),
            ..Self::default()
        }
    }
}
