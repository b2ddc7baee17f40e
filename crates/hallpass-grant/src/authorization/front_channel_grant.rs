//! The grants whose answer has an ID token, or a code and a token, in the redirect (OpenID Connect Core §3.2 and §3.3).

use std::fmt;
use std::marker::PhantomData;

use time::UtcDateTime;

use super::draft::Draft;
use super::{AuthorizationRequest, AuthorizationUrl, check_profile};
use crate::front_channel::{FrontChannel, Parts};
use crate::pending::{Pending, ResponseMode};
use crate::random::{Random, Seed, draw_state};
use crate::{Client, Endpoint, Error, Misuse};

/// The implicit or hybrid grant of one client, for one response type.
pub struct FrontChannelGrant<'c, R> {
    client: &'c Client,
    authorization_endpoint: &'c Endpoint,
    /// Where a code goes, where one comes.
    token_endpoint: Option<&'c Endpoint>,
    response_type: PhantomData<fn() -> R>,
}

impl<'c, R: FrontChannel> FrontChannelGrant<'c, R> {
    pub(crate) fn new(
        client: &'c Client,
        authorization: &'c Endpoint,
        token: Option<&'c Endpoint>,
    ) -> Self {
        Self {
            client,
            authorization_endpoint: authorization,
            token_endpoint: token,
            response_type: PhantomData,
        }
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back. PKCE goes
    /// with each code.
    ///
    /// # Errors
    /// [`Misuse::Missing`] without the scope `openid`, and without a nonce where an ID token comes in the redirect (OpenID Connect Core
    /// §3.2.2.1); [`Misuse::Invalid`] when the response is asked for in the query, where tokens end up in logs; [`Misuse::PushRequired`];
    /// [`Misuse::Random`].
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<R>), Error> {
        if !request.scopes.contains_value("openid") {
            return Err(Misuse::Missing("the scope `openid`").into());
        }
        if R::ANSWERS.contains(&"id_token") && !request.has_nonce() {
            return Err(Misuse::Missing("nonce").into());
        }
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
        let exchange = match self.token_endpoint {
            Some(endpoint) => Some((endpoint.clone(), Seed::draw(random)?)),
            None => None,
        };
        let draft = Draft {
            client: self.client,
            state: draw_state(random)?,
            request,
            response_type: R::new(Parts {
                exchange,
                parameter: self.client.profile().token_parameter,
            }),
            now,
        };
        Ok(draft.begin(self.authorization_endpoint))
    }
}

impl<R: FrontChannel> fmt::Debug for FrontChannelGrant<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontChannelGrant")
            .field("response_type", &R::NAME)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
