//! The providers of generated SDKs that document `#token=…`.

use super::{BasicEncoding, Profile, TokenParameter};

impl Profile {
    /// httpIG: an implicit response may call its access token `token`.
    pub const HTTPIG: Self = Self {
        basic: BasicEncoding::Form,
        token_parameter: TokenParameter::TokenOrAccessToken,
    };

    /// petstore_auth: an implicit response may call its access token `token`.
    pub const PETSTORE_AUTH: Self = Self {
        basic: BasicEncoding::Form,
        token_parameter: TokenParameter::TokenOrAccessToken,
    };
}
