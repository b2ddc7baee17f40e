//! Pushed authorization requests (RFC 9126).

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::Secret;

use super::draft::Draft;
use super::request_claims::RequestClaims;
use crate::call::{Answer, Carried, sealed};
use crate::form::push_field;
use crate::pending::{Code, Pending};
use crate::random::{Random, Seed};
use crate::token_answer::{expires_at, text};
use crate::{
    AuthorizationUrl, Call, Client, ClientAuthentication, Endpoint, Error, ErrorKind, Response,
    Signatory, Violation, unix_seconds,
};

/// A request that the server holds, and a reference to it (RFC 9126 §2.2).
///
/// The reference ends soon, and many servers take it once: send the user agent there at once, and push again for a second visit.
#[derive(Clone, Serialize, Deserialize)]
pub struct PushedRequest {
    request_uri: Secret,
    authorization_endpoint: Endpoint,
    #[serde(with = "unix_seconds")]
    expires_at: UtcDateTime,
    pending: Pending<Code>,
}

impl PushedRequest {
    /// When the reference ends, UTC.
    pub fn expires_at(&self) -> UtcDateTime {
        self.expires_at
    }

    /// Where the user agent is sent, and what is kept, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`ErrorKind::Expired`] when the reference has ended.
    pub fn begin(self, now: UtcDateTime) -> Result<(AuthorizationUrl, Pending<Code>), Error> {
        if now >= self.expires_at {
            return Err(ErrorKind::Expired("the pushed authorization request").into());
        }
        let endpoint = &self.authorization_endpoint;
        let mut url = String::with_capacity(endpoint.as_str().len() + 256);
        url.push_str(endpoint.as_str());
        url.push(if endpoint.has_query() { '&' } else { '?' });
        push_field(&mut url, "client_id", &self.pending.client_id);
        push_field(&mut url, "request_uri", self.request_uri.expose_secret());
        Ok((AuthorizationUrl::new(url), self.pending))
    }
}

/// Shows no reference: whoever has it can begin this login.
impl fmt::Debug for PushedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedRequest")
            .field("authorization_endpoint", &self.authorization_endpoint)
            .field("expires_at", &self.expires_at)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}

/// Reads a [`PushedRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushedAnswer {
    authorization_endpoint: Endpoint,
    pending: Pending<Code>,
}

impl PushedAnswer {
    pub(crate) fn call(
        client: &Client,
        endpoint: &Endpoint,
        authorization_endpoint: &Endpoint,
        draft: Draft<'_, Code>,
        signatory: Option<Signatory>,
        random: &mut impl Random,
    ) -> Result<Call<Self>, Error> {
        // What proves the client names it as well, but for a header.
        let is_named = !matches!(client.authentication(), ClientAuthentication::Basic(_));
        let (form, object) = match signatory {
            None if is_named => (draft.form(client.parameters_without_id()), None),
            None => (draft.form(client.parameters()), None),
            Some(signatory) => {
                let form = draft.form(client.parameters()).into();
                let issuer = client.server().issuer.as_ref();
                let claims = RequestClaims::new(client.id(), issuer, form)?;
                let object = Carried::RequestObject(signatory, claims);
                let mut outside = String::new();
                if !is_named {
                    push_field(&mut outside, "client_id", client.id());
                }
                (outside, Some(object))
            }
        };
        let answer = Self {
            authorization_endpoint: authorization_endpoint.clone(),
            pending: draft.pending(),
        };
        let seed = Seed::draw(random)?;
        let call = Call::new(client, endpoint.clone(), form.into(), seed, answer);
        Ok(match object {
            Some(object) => call.carrying(object),
            None => call,
        })
    }
}

impl Answer for PushedAnswer {}

impl sealed::Read for PushedAnswer {
    type Output = PushedRequest;

    fn read(&self, response: &Response, arrived: UtcDateTime) -> Result<PushedRequest, Error> {
        let mut members = response.json()?;
        let request_uri = text(&mut members, "request_uri")?.filter(|uri| !uri.is_empty());
        let expires_at = expires_at(&mut members, arrived)?;
        match (request_uri, expires_at) {
            (Some(request_uri), Some(expires_at)) => Ok(PushedRequest {
                request_uri: request_uri.into(),
                authorization_endpoint: self.authorization_endpoint.clone(),
                expires_at,
                pending: self.pending.clone(),
            }),
            _ => Err(Violation::Malformed("request_uri or expires_in is missing").into()),
        }
    }

    fn lost(&self) -> ErrorKind {
        ErrorKind::Transport
    }
}
