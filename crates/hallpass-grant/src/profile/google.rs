//! Google.

use std::borrow::Cow;

use super::{AssertionAudience, Profile};
use crate::{Endpoint, Issuer, ServerMetadata};

impl Profile {
    /// Google: a refresh token comes only with `access_type=offline`, and only at the first consent (ask with the parameter
    /// `prompt=consent` for another). Users may grant fewer scopes than asked for: look at the token set's scopes.
    pub const GOOGLE: Self = Self {
        authorization_parameters: Cow::Borrowed(&[(
            Cow::Borrowed("access_type"),
            Cow::Borrowed("offline"),
        )]),
        assertion_audience: AssertionAudience::TokenEndpoint,
        ..Self::STRICT
    };
}

impl ServerMetadata {
    /// accounts.google.com, for programs that begin without asking for its metadata.
    pub fn google() -> Self {
        Self {
            issuer: Issuer::new("https://accounts.google.com").ok(),
            authorization_endpoint: Endpoint::new("https://accounts.google.com/o/oauth2/v2/auth")
                .ok(),
            token_endpoint: Endpoint::new("https://oauth2.googleapis.com/token").ok(),
            device_authorization_endpoint: Endpoint::new(
                "https://oauth2.googleapis.com/device/code",
            )
            .ok(),
            revocation_endpoint: Endpoint::new("https://oauth2.googleapis.com/revoke").ok(),
            ..Self::default()
        }
    }
}
