//! Slack.

use std::borrow::Cow;

use super::{Profile, ScopeSeparator, TokenTypeMember};
use crate::{Endpoint, Issuer, ServerMetadata};

impl Profile {
    /// Slack, for the token of a bot: scopes by comma, and `token_type` names whose token it is (`bot`). Errors come with
    /// status 200, and a dead refresh token is called `invalid_refresh_token`.
    pub const SLACK_BOT: Self = Self {
        requested_scopes: ScopeSeparator::Comma,
        granted_scopes: ScopeSeparator::Comma,
        token_type: TokenTypeMember::Ignored,
        dead_refresh_token: Cow::Borrowed(&[Cow::Borrowed("invalid_refresh_token")]),
        ..Self::STRICT
    };

    /// Slack, for the token of the user who consented, which stands in `authed_user`.
    /// Ask for its scopes with the parameter `user_scope`.
    pub const SLACK_USER: Self = Self {
        token_object: Some(Cow::Borrowed("authed_user")),
        ..Self::SLACK_BOT
    };
}

impl ServerMetadata {
    /// slack.com: the code grant of version 2.
    pub fn slack() -> Self {
        Self {
            // Its ID tokens name it so, and so does a redirect that names one (RFC 9207).
            issuer: Issuer::new("https://slack.com").ok(),
            authorization_endpoint: Endpoint::new("https://slack.com/oauth/v2/authorize").ok(),
            token_endpoint: Endpoint::new("https://slack.com/api/oauth.v2.access").ok(),
            ..Self::default()
        }
    }
}
