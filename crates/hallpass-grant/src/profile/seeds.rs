//! The providers of generated SDKs that document `#token=…`.

use super::{Profile, TokenParameter};

impl Profile {
    /// httpIG: an implicit response may call its access token `token`.
    pub const HTTPIG: Self = Self {
        token_parameter: TokenParameter::TokenOrAccessToken,
        ..Self::STRICT
    };

    /// petstore_auth: an implicit response may call its access token `token`.
    pub const PETSTORE_AUTH: Self = Self {
        token_parameter: TokenParameter::TokenOrAccessToken,
        ..Self::STRICT
    };
}
