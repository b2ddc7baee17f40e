//! A request that is about to be made.

use time::UtcDateTime;

use hallpass_token::Secret;

use super::{AuthorizationRequest, AuthorizationUrl};
use crate::form::{push_field, push_fields, push_foreign_field};
use crate::pending::{Pending, ResponseType};
use crate::{Client, Endpoint};

/// A request with all that was drawn for it: it becomes an address, or a form that is pushed.
pub(crate) struct Draft<'c, R> {
    pub(super) client: &'c Client,
    pub(super) request: AuthorizationRequest,
    pub(super) state: Secret,
    pub(super) response_type: R,
    pub(super) now: UtcDateTime,
}

impl<R: ResponseType> Draft<'_, R> {
    pub(super) fn begin(self, endpoint: &Endpoint) -> (AuthorizationUrl, Pending<R>) {
        let mut url = String::with_capacity(endpoint.as_str().len() + self.length());
        url.push_str(endpoint.as_str());
        url.push(if endpoint.has_query() { '&' } else { '?' });
        self.write(&mut url, self.client.parameters());
        (AuthorizationUrl::new(url), self.pending())
    }

    /// The fields of a form, with these parameters of the client's.
    pub(crate) fn form(&self, parameters: &str) -> String {
        let mut form = String::with_capacity(self.length());
        self.write(&mut form, parameters);
        form
    }

    /// About how long it becomes.
    fn length(&self) -> usize {
        let request = &self.request;
        let profile = &self.client.profile().authorization_parameters;
        let profile = profile
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2);
        let parameters = request.parameters.0.iter();
        let parameters = parameters.map(|(name, value)| name.len() + value.len() + 2);
        let extra: usize = profile.chain(parameters).sum();
        let targets = [self.client.target(), &request.target];
        let extra = targets
            .iter()
            .fold(extra, |sum, target| sum + target.as_str().len());
        256 + self.client.parameters().len() + request.scopes.as_str().len() + extra
    }

    fn write(&self, text: &mut String, parameters: &str) {
        let (client, request) = (self.client, &self.request);
        // What has only letters, digits, `-` and `_` is written as it is.
        text.push_str("response_type=");
        text.push_str(R::ENCODED);
        if !parameters.is_empty() {
            text.push('&');
            text.push_str(parameters);
        }
        if !request.scopes.is_empty() {
            let scopes = client.profile().requested_scopes.join(&request.scopes);
            push_field(text, "scope", &scopes);
        }
        text.push_str("&state=");
        text.push_str(self.state.expose_secret());
        if let Some(mode) = request.response_mode {
            push_field(text, "response_mode", mode.name());
        }
        if let Some(seed) = self.response_type.seed() {
            text.push_str("&code_challenge=");
            text.push_str(seed.challenge(&mut [0; 43]));
            text.push_str("&code_challenge_method=S256");
            if let Some(key) = client.dpop() {
                push_field(text, "dpop_jkt", &key.thumbprint());
            }
        }
        push_fields(text, client.target().as_str());
        push_fields(text, request.target.as_str());
        for (name, value) in &request.parameters.0 {
            push_foreign_field(text, name, value);
        }
        for (name, value) in client.profile().authorization_parameters.iter() {
            if !request.parameters.0.iter().any(|(own, _)| own == name) {
                push_foreign_field(text, name, value);
            }
        }
    }

    pub(crate) fn pending(self) -> Pending<R> {
        let server = self.client.server();
        Pending {
            state: self.state,
            issuer: server.issuer.clone(),
            issuer_comparison: self.client.profile().issuer,
            iss_must_come: server.authorization_response_iss_parameter_supported,
            client_id: self.client.shared_id(),
            redirect_uri: self.client.shared_redirect_uri(),
            scopes: self.request.scopes,
            response_mode: self.request.response_mode.unwrap_or(R::MODE),
            began: self.now,
            response_type: self.response_type,
        }
    }
}
