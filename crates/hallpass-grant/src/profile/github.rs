//! GitHub (OAuth apps and GitHub apps).

use std::borrow::Cow;

use super::{AnswerForm, Profile, ScopeSeparator};
use crate::{Endpoint, Issuer, ServerMetadata};

impl Profile {
    /// GitHub: answers name scopes by comma, and older Enterprise servers answer with a form whatever is asked for.
    /// Errors come with status 200, and a dead refresh token is called `bad_refresh_token`.
    pub const GITHUB: Self = Self {
        granted_scopes: ScopeSeparator::Comma,
        answer: AnswerForm::JsonOrForm,
        dead_refresh_token: Cow::Borrowed(&[Cow::Borrowed("bad_refresh_token")]),
        ..Self::STRICT
    };
}

impl ServerMetadata {
    /// github.com, for programs that begin without asking for its metadata: the code grant and the device grant.
    pub fn github() -> Self {
        Self {
            // It stands in github.com's redirects (RFC 9207).
            issuer: Issuer::new("https://github.com/login/oauth").ok(),
            authorization_endpoint: Endpoint::new("https://github.com/login/oauth/authorize").ok(),
            token_endpoint: Endpoint::new("https://github.com/login/oauth/access_token").ok(),
            device_authorization_endpoint: Endpoint::new("https://github.com/login/device/code")
                .ok(),
            ..Self::default()
        }
    }
}
