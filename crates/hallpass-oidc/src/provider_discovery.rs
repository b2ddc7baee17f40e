//! Asking a provider for its metadata (OpenID Connect Discovery §4).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::{
    Conversation, Discovery, Error, Input, Issuer, Profile, ServerMetadata, Step,
};

use crate::ProviderMetadata;

/// Asks a provider for its metadata, at OpenID Connect's place and nowhere else. A lost answer is waited for as
/// [`Discovery`] does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderDiscovery(Discovery);

impl ProviderDiscovery {
    /// Will ask the provider that this issuer names.
    pub fn new(issuer: Issuer) -> Self {
        Self(Discovery::openid(issuer))
    }

    /// The same for a provider that differs from the specification in how it writes its issuer.
    #[must_use]
    pub fn with_profile(self, profile: &Profile) -> Self {
        Self(self.0.with_profile(profile))
    }
}

impl Conversation for ProviderDiscovery {
    type Output = ProviderMetadata;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<ProviderMetadata>, Error> {
        let step: Step<ServerMetadata> = self.0.step(input, now)?;
        Ok(match step {
            Step::Done(server) => Step::Done(ProviderMetadata::new(server)?),
            Step::Send(request) => Step::Send(request),
            Step::Sign(input) => Step::Sign(input),
            Step::Wait(at) => Step::Wait(at),
        })
    }
}
