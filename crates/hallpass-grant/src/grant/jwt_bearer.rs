//! The JWT bearer grant (RFC 7523 §2.1).

use hallpass_token::{Scopes, Secret};

use crate::form::Form;
use crate::random::Random;
use crate::sender::audience;
use crate::token_answer::{Spent, TokenAnswer};
use crate::{Assertion, Call, Client, Error};

/// What a JWT bearer grant asks with (RFC 7523 §2.1).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JwtBearer {
    /// An assertion that somebody else has made and signed.
    Given(Secret),
    /// An assertion of this client's own: its key signs it when the call begins.
    Own(Assertion),
}

impl Client {
    /// Gets a token with an assertion (RFC 7523 §2.1). Empty scopes ask for what the server gives by default.
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) when the server has no token endpoint; [`Misuse::Random`](crate::Misuse::Random).
    pub fn jwt_bearer(
        &self,
        assertion: JwtBearer,
        scopes: &Scopes,
        random: &mut impl Random,
    ) -> Result<Call<TokenAnswer>, Error> {
        let form = Form::with_capacity(1024)
            .field("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        let form = self
            .scope_field(form, scopes)
            .fields(self.target().as_str());
        // An assertion of one's own is signed anew for each attempt; another's may be good for one use alone (RFC 7523 §3).
        let answer = |spent| TokenAnswer::new(self, scopes.clone(), spent);
        match assertion {
            JwtBearer::Given(assertion) => {
                let form = form.field("assertion", assertion.expose_secret());
                self.token_call(form, answer(Spent::Once), random)
            }
            JwtBearer::Own(assertion) => {
                let call = self.token_call(form, answer(Spent::Nothing), random)?;
                let audience = audience(self, self.token_endpoint()?);
                Ok(call.asserting(assertion.for_server(audience)))
            }
        }
    }
}

impl From<Assertion> for JwtBearer {
    fn from(assertion: Assertion) -> Self {
        Self::Own(assertion)
    }
}
