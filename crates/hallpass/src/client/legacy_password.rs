//! Logins with a user's password, where there is nothing else.

use hallpass_grant::{Error, Misuse};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::{Client, LegacyPassword};

impl Client<LegacyPassword> {
    /// **Legacy:** gets tokens with the user's name and password (RFC 6749 §4.3).
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials or the server's metadata lack; then what the token endpoint may answer.
    pub async fn fetch_token(&self) -> Result<TokenSet, Error> {
        let user = self.credentials.grant().user.as_ref();
        let (username, password) = user.ok_or(Misuse::Missing("username"))?;
        let scopes = self.credentials.scopes();
        let grants = self.grants()?;
        let mut call = grants.legacy_password(username, password, scopes, &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }
}
