//! Authorization requests that a client pushes before it sends the browser (RFC 9126).

use std::collections::BTreeMap;

use crate::{
    AuthorizationServer, Fault, Request, Response,
    authorization_request::{AuthorizationRequest, Refusal},
    form::Parameters,
    json,
    token_error::TokenError,
    token_form::read_form,
};

/// How long a user who has opened a pushed request in time may take, in seconds.
const PATIENCE: u64 = 600;

/// How every `request_uri` of a pushed request begins.
pub(crate) const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

/// Stands in the address of whoever goes on from the first visit, where a fault lets nobody else.
const VISIT: &str = "visit";

/// By their `request_uri`s.
#[derive(Default)]
pub(crate) struct PushedRequests(BTreeMap<String, Pushed>);

struct Pushed {
    client_id: String,
    parameters: Parameters,
    expires_at: u64,
    is_opened: bool,
    is_answered: bool,
}

impl AuthorizationServer {
    pub(crate) fn push(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        match self.try_push(request, now) {
            Ok(request_uri) => {
                let lifetime = self.config.pushed_request_lifetime.as_secs();
                let members = [
                    ("request_uri", json::text(&request_uri)),
                    ("expires_in", lifetime.to_string()),
                ];
                let members = members.map(|(name, value)| (name.to_owned(), value));
                Response::json(201, json::object(&members))
                    .header("Cache-Control", "no-cache, no-store")
            }
            Err(error) => error.response(),
        }
    }

    fn try_push(&mut self, request: &Request, now: u64) -> Result<String, TokenError> {
        let form = read_form(request)?;
        let client = self.authenticate(request, &form, now)?;
        if form.has("request_uri") {
            let description = "a request that is pushed has no request_uri of its own";
            return Err(TokenError::new("invalid_request", description));
        }
        let form = self.open_request_object(form, now).map_err(|error| {
            let (error, description) = error.told();
            TokenError::new(error, description)
        })?;
        let form = self.bind_to_key(form)?;
        AuthorizationRequest::read(&self.config, &form).map_err(|refusal| match refusal {
            Refusal::Page(text) => TokenError::new("invalid_request", &text),
            Refusal::Client {
                error, description, ..
            } => TokenError::new(error, &description),
        })?;
        let request_uri = format!("{PUSHED}{}", self.random.text());
        let lifetime = self.config.pushed_request_lifetime.as_secs();
        let pushed = Pushed {
            client_id: client.id().to_owned(),
            parameters: form.without(&[
                "client_assertion",
                "client_assertion_type",
                "client_secret",
            ]),
            expires_at: now.saturating_add(lifetime),
            is_opened: false,
            is_answered: false,
        };
        self.pushed.0.insert(request_uri.clone(), pushed);
        Ok(request_uri)
    }
}

impl AuthorizationServer {
    /// The parameters that were pushed. `here` is where the pages go on.
    pub(crate) fn open_pushed(
        &mut self,
        request_uri: &str,
        request: &Request,
        here: &mut String,
        parameters: &Parameters,
        now: u64,
    ) -> Result<Parameters, &'static str> {
        let is_visit = request.method == "GET" && !parameters.has(VISIT);
        let is_again = is_visit && self.pushed.is_opened(request_uri);
        if is_again && self.faults.happens(&Fault::PushedRequestOnce) {
            return Err("The request_uri was used before.");
        }
        if !parameters.has(VISIT) && self.faults().any(|on| *on == Fault::PushedRequestOnce) {
            here.push_str(&format!("&{VISIT}=1"));
        }
        let client_id = parameters.find("client_id");
        self.pushed.open(request_uri, client_id, now)
    }
}

impl PushedRequests {
    fn is_opened(&self, request_uri: &str) -> bool {
        let pushed = self.0.get(request_uri);
        pushed.is_some_and(|pushed| pushed.is_opened)
    }

    /// The parameters that were pushed, in place of those of the request, which do not count (RFC 9101 §5). It is good
    /// until it is answered: a user who reloads the page sees it again.
    fn open(
        &mut self,
        request_uri: &str,
        client_id: Option<&str>,
        now: u64,
    ) -> Result<Parameters, &'static str> {
        let pushed = self.0.get_mut(request_uri);
        let pushed = pushed.ok_or("No request was pushed under this request_uri.")?;
        if client_id != Some(&pushed.client_id) {
            return Err("The client_id is not that of the request that was pushed.");
        }
        if pushed.is_answered {
            return Err("The request_uri was used before.");
        }
        if now >= pushed.expires_at {
            return Err("The request_uri has expired.");
        }
        if !pushed.is_opened {
            pushed.is_opened = true;
            pushed.expires_at = now.saturating_add(PATIENCE);
        }
        Ok(pushed.parameters.clone())
    }

    /// Nothing can be had for it any more.
    pub(crate) fn close(&mut self, request_uri: &str) {
        if let Some(pushed) = self.0.get_mut(request_uri) {
            pushed.is_answered = true;
        }
    }
}

impl std::fmt::Debug for PushedRequests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.values().map(|pushed| &pushed.client_id))
            .finish()
    }
}
