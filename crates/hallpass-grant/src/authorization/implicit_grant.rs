//! The implicit grant (RFC 6749 §4.2).

use time::UtcDateTime;

use hallpass_token::TokenSet;

use super::draft::Draft;
use super::{AuthorizationRequest, AuthorizationUrl, check_profile};
use crate::pending::{Pending, ResponseMode, Token};
use crate::random::{Random, draw_state};
use crate::{Callback, Client, Endpoint, Error, Misuse};

/// The implicit grant of one client.
#[derive(Clone, Copy, Debug)]
pub struct ImplicitGrant<'c> {
    client: &'c Client,
    authorization_endpoint: &'c Endpoint,
}

impl<'c> ImplicitGrant<'c> {
    pub(crate) fn new(client: &'c Client, authorization: &'c Endpoint) -> Self {
        Self {
            client,
            authorization_endpoint: authorization,
        }
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Random`] when there is no randomness; [`Misuse::Invalid`] when the response is asked for in the query,
    /// where tokens end up in logs.
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Token>), Error> {
        if request.response_mode == Some(ResponseMode::Query) {
            return Err(Error::from(Misuse::Invalid {
                field: "response mode",
                reason: "a token never comes in a query: ask for the fragment or a form",
            }));
        }
        if self.client.server().require_pushed_authorization_requests {
            return Err(Misuse::PushRequired.into());
        }
        check_profile(self.client.profile())?;
        let draft = Draft {
            client: self.client,
            state: draw_state(random)?,
            request,
            response_type: Token {
                parameter: self.client.profile().token_parameter,
                authorization_endpoint: self.authorization_endpoint.clone(),
            },
            now,
        };
        Ok(draft.begin(self.authorization_endpoint))
    }

    /// Checks the response and takes the token out of it: [`Pending::receive`], for this client's logins alone.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when another client began that login, or the same one at another server; then what
    /// [`Pending::receive`] can end with.
    pub fn receive(
        &self,
        pending: Pending<Token>,
        callback: &Callback<'_>,
        now: UtcDateTime,
    ) -> Result<TokenSet, Error> {
        let is_same_server =
            pending.response_type.authorization_endpoint == *self.authorization_endpoint;
        match *pending.client_id == *self.client.id() && is_same_server {
            true => pending.receive(callback, now),
            false => Err(Misuse::OtherClient.into()),
        }
    }
}
