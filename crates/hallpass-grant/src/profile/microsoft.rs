//! Microsoft Entra ID.

use super::{AssertionAudience, Profile};
use crate::{Endpoint, InvalidEndpoint, Issuer, ServerMetadata};

impl Profile {
    /// Microsoft Entra ID, version 2.0: a client assertion is addressed to the token endpoint.
    pub const MICROSOFT: Self = Self {
        assertion_audience: AssertionAudience::TokenEndpoint,
        ..Self::STRICT
    };
}

impl ServerMetadata {
    /// Microsoft Entra ID for one tenant (its id or a domain), or for `common`, `organizations` or `consumers`.
    ///
    /// Only a tenant's id (a UUID) says who the issuer is: the metadata of the others has a placeholder in its place.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] for a tenant with a character that no tenant has.
    pub fn microsoft(tenant: &str) -> Result<Self, InvalidEndpoint> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if let Some(at) = tenant.bytes().position(|byte| !is_name(byte)) {
            return Err(InvalidEndpoint::Character(at));
        }
        let base = format!("https://login.microsoftonline.com/{tenant}");
        let is_id =
            tenant.len() == 36 && tenant.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        let issuer = format!("{base}/v2.0");
        Ok(Self {
            issuer: match is_id {
                true => Some(Issuer::new(issuer)?),
                false => None,
            },
            authorization_endpoint: Some(Endpoint::new(format!("{base}/oauth2/v2.0/authorize"))?),
            token_endpoint: Some(Endpoint::new(format!("{base}/oauth2/v2.0/token"))?),
            device_authorization_endpoint: Some(Endpoint::new(format!(
                "{base}/oauth2/v2.0/devicecode"
            ))?),
            ..Self::default()
        })
    }
}
