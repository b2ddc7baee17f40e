//! Where a provider differs from the RFCs, as data.

mod seeds;

use serde::{Deserialize, Serialize};

/// How a provider differs from the RFCs. The default, [`Profile::STRICT`], is no difference at all.
///
/// A plain value: users write their own, in Rust or in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// How HTTP Basic carries the client's id and secret.
    pub basic: BasicEncoding,
    /// What an implicit response calls its access token.
    pub token_parameter: TokenParameter,
}

impl Profile {
    /// The RFCs to the letter.
    pub const STRICT: Self = Self {
        basic: BasicEncoding::Form,
        token_parameter: TokenParameter::AccessToken,
    };
}

/// How HTTP Basic carries the client's id and secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BasicEncoding {
    /// Each form-encoded before they are joined (RFC 6749 §2.3.1).
    #[default]
    Form,
    /// As they are: for servers that do not decode.
    Raw,
}

/// What an implicit response calls its access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenParameter {
    /// `access_token` (RFC 6749 §4.2.2).
    #[default]
    AccessToken,
    /// `token` or `access_token`; both if they are equal.
    TokenOrAccessToken,
}
