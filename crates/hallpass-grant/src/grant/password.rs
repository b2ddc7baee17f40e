//! The resource owner password credentials grant (RFC 6749 §4.3).

use hallpass_token::{Scopes, Secret};

use crate::form::Form;
use crate::random::Random;
use crate::token_answer::{Spent, TokenAnswer};
use crate::{Call, Client, Error, Misuse};

impl Client {
    /// **Legacy:** gets a token with a user's name and password (RFC 6749 §4.3), for systems that still have nothing else.
    ///
    /// The application sees the password, no second factor is possible, and users learn to type it anywhere; RFC 9700 §2.4 forbids this
    /// grant. Use [`code`](Self::code), or [`device`](Self::device) where there is no browser.
    ///
    /// # Errors
    /// [`Misuse::Missing`] for an empty name, and when the server has no token endpoint; [`Misuse::Random`].
    pub fn legacy_password(
        &self,
        username: &str,
        password: &Secret,
        scopes: &Scopes,
        random: &mut impl Random,
    ) -> Result<Call<TokenAnswer>, Error> {
        if username.is_empty() {
            return Err(Misuse::Missing("username").into());
        }
        let form = Form::with_capacity(128)
            .plain_field("grant_type", "password")
            .field("username", username)
            .field("password", password.expose_secret());
        let form = self
            .scope_field(form, scopes)
            .fields(self.target().as_str());
        let answer = TokenAnswer::new(self, scopes.clone(), Spent::Nothing);
        self.token_call(form, answer, random)
    }
}
