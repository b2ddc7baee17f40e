//! The client credentials grant (RFC 6749 §4.4).

use hallpass_token::Scopes;

use crate::form::Form;
use crate::random::Random;
use crate::token_answer::{Spent, TokenAnswer};
use crate::{Call, Client, ClientAuthentication, Error, Misuse};

impl Client {
    /// Gets a token for the client itself (RFC 6749 §4.4). Empty scopes ask for what the server gives by default.
    ///
    /// # Errors
    /// [`Misuse::Missing`] for a public client, which has nothing to get a token with, and when the server has no token
    /// endpoint; [`Misuse::Random`].
    pub fn client_credentials(
        &self,
        scopes: &Scopes,
        random: &mut impl Random,
    ) -> Result<Call<TokenAnswer>, Error> {
        if matches!(self.authentication(), ClientAuthentication::None) {
            return Err(Misuse::Missing("client secret or key").into());
        }
        let form = Form::with_capacity(128).plain_field("grant_type", "client_credentials");
        let form = self
            .scope_field(form, scopes)
            .fields(self.target().as_str());
        let answer = TokenAnswer::new(self, scopes.clone(), Spent::Nothing);
        self.token_call(form, answer, random)
    }
}
