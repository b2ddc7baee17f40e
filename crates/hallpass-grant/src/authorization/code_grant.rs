//! The authorization code grant, to the point where the user agent is sent away (RFC 6749 §4.1.1, RFC 7636).

use time::UtcDateTime;

use super::draft::Draft;
use super::{AuthorizationRequest, AuthorizationUrl, check_profile};
use crate::call::Call;
use crate::pending::{Code, Pending};
use crate::random::{Random, Seed, draw_state};
use crate::{Client, Endpoint, Error, Misuse, PushedAnswer, Signatory};

/// The authorization code grant of one client.
#[derive(Clone, Copy, Debug)]
pub struct CodeGrant<'c> {
    client: &'c Client,
    authorization_endpoint: &'c Endpoint,
    token_endpoint: &'c Endpoint,
}

impl<'c> CodeGrant<'c> {
    pub(crate) fn new(
        client: &'c Client,
        authorization: &'c Endpoint,
        token: &'c Endpoint,
    ) -> Self {
        Self {
            client,
            authorization_endpoint: authorization,
            token_endpoint: token,
        }
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Random`] when there is no randomness; [`Misuse::PushRequired`] when the server takes requests from
    /// [`push`](Self::push) alone.
    pub fn begin(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        if self.client.server().require_pushed_authorization_requests {
            return Err(Misuse::PushRequired.into());
        }
        let draft = self.draft(request, random, now)?;
        Ok(draft.begin(self.authorization_endpoint))
    }

    /// Begins a login by telling the server first, over TLS and as this client, what is asked for (RFC 9126): the user agent carries
    /// no more than a reference to it.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no pushed authorization request endpoint; [`Misuse::Random`].
    pub fn push(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Call<PushedAnswer>, Error> {
        self.push_with(request, None, random, now)
    }

    /// The same with what is asked for in a request object, signed by this key or secret (RFC 9126 §3).
    ///
    /// # Errors
    /// As for [`push`](Self::push); [`Misuse::Missing`] when the server's metadata has no issuer; [`Misuse::ReservedParameter`] for a
    /// parameter that is called like a claim of the JWT's own.
    pub fn push_signed(
        &self,
        request: AuthorizationRequest,
        signatory: impl Into<Signatory>,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Call<PushedAnswer>, Error> {
        self.push_with(request, Some(signatory.into()), random, now)
    }

    fn push_with(
        &self,
        request: AuthorizationRequest,
        signatory: Option<Signatory>,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Call<PushedAnswer>, Error> {
        let server = self.client.server();
        let endpoint = server.pushed_authorization_request_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("pushed authorization request endpoint"))?;
        let draft = self.draft(request, random, now)?;
        PushedAnswer::call(
            self.client,
            endpoint,
            self.authorization_endpoint,
            draft,
            signatory,
            random,
        )
    }

    fn draft(
        &self,
        request: AuthorizationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<Draft<'c, Code>, Error> {
        check_profile(self.client.profile())?;
        let code = Code {
            token_endpoint: self.token_endpoint.clone(),
            seed: Seed::draw(random)?,
        };
        Ok(Draft {
            client: self.client,
            state: draw_state(random)?,
            request,
            response_type: code,
            now,
        })
    }
}
