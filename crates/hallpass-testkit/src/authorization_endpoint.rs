//! The authorization endpoint (RFC 6749 §3.1): log in, consent, go back.

use crate::{
    AuthorizationServer, Fault, Request, Response,
    authorization_request::{AuthorizationRequest, Refusal},
    authorization_response::Outcome,
    form::Parameters,
    page,
    pushed_request::PUSHED,
    request_object::RequestObjectError,
    session::Session,
    visit,
};

impl AuthorizationServer {
    pub(crate) fn authorization(&mut self, request: &Request, now: u64) -> Response {
        let body = match request.method.as_str() {
            "GET" => String::new(),
            "POST" => String::from_utf8_lossy(&request.body).into_owned(),
            _ => return Response::new(405).header("Allow", "GET, POST"),
        };
        let Ok(form) = Parameters::parse(&body) else {
            return page::problem(
                "The form is not encoded as it should be, or says something twice.",
            );
        };
        // The pages post what the user did beside the query they came with. A form without a step is an authorization
        // request that was posted, as RFC 6749 §3.1 allows.
        let asked = if form.has("step") || body.is_empty() {
            request.query().to_owned()
        } else {
            body
        };
        let mut here = format!("{}?{asked}", request.path());
        let Ok(parameters) = Parameters::parse(&asked) else {
            return page::problem(
                "The request is not encoded as it should be, or says something twice.",
            );
        };
        let pushed = parameters.find("request_uri").map(str::to_owned);
        let pushed = pushed.filter(|uri| uri.starts_with(PUSHED));
        let parameters = match &pushed {
            None => parameters,
            Some(uri) => match self.open_pushed(uri, request, &mut here, &parameters, now) {
                Ok(pushed) => pushed,
                Err(text) => return page::problem(text),
            },
        };
        let parameters = match self.open_request_object(parameters.clone(), now) {
            Ok(parameters) => parameters,
            Err(error) => return self.refuse_request_object(&parameters, &error),
        };
        let authorization = match AuthorizationRequest::read(&self.config, &parameters) {
            Ok(authorization) => authorization,
            Err(Refusal::Page(text)) => return page::problem(&text),
            Err(Refusal::Client {
                address,
                error,
                description,
            }) => {
                return self.send_back(&address, Outcome::refused(error, &description));
            }
        };
        let state = authorization.address.state.as_deref();
        if state.is_some_and(|state| state.chars().count() < 8)
            && self.faults.happens(&Fault::ShortStateRefused)
        {
            let outcome =
                Outcome::refused("invalid_state", "the state is shorter than 8 characters");
            return self.send_back(&authorization.address, outcome);
        }
        let has_to_push =
            self.config.require_pushed_authorization_requests || authorization.client.has_to_push();
        if pushed.is_none() && has_to_push {
            let description = "the request has to be pushed";
            let outcome = Outcome::refused("invalid_request", description);
            return self.send_back(&authorization.address, outcome);
        }
        match form.find("step") {
            Some("login") => {
                let here = visit::again(&authorization, &here);
                self.try_login(&form, authorization.client.id(), &here, now)
            }
            Some("logout") => {
                self.log_out(request);
                page::login(&here, authorization.client.shown_name(), None)
            }
            Some("consent") => {
                let decision = self.decision(request, &form, &authorization.scopes);
                let Some((session, granted)) = decision else {
                    return self.visit(request, &authorization, &here, now);
                };
                if let Some(uri) = &pushed {
                    self.pushed.close(uri);
                }
                if let Some(scopes) = granted {
                    return self.allow(&authorization, &session, scopes, now);
                }
                let outcome = Outcome::refused("access_denied", "the user said no");
                self.send_back(&authorization.address, outcome)
            }
            _ => self.visit(request, &authorization, &here, now),
        }
    }

    /// Says to the client what is wrong with its request object, if the rest of the request says where that is.
    fn refuse_request_object(
        &mut self,
        parameters: &Parameters,
        error: &RequestObjectError,
    ) -> Response {
        let rest = parameters.clone().without(&["request", "request_uri"]);
        let address = match AuthorizationRequest::read(&self.config, &rest) {
            Ok(request) => request.address,
            Err(Refusal::Client { address, .. }) => address,
            Err(Refusal::Page(text)) => return page::problem(&text),
        };
        let (error, description) = error.told();
        self.send_back(&address, Outcome::refused(error, description))
    }

    pub(crate) fn try_login(
        &mut self,
        form: &Parameters,
        client: &str,
        here: &str,
        now: u64,
    ) -> Response {
        let (name, password) = (
            form.find("username").unwrap_or_default(),
            form.find("password").unwrap_or_default(),
        );
        match self.log_in(name, password, now) {
            Some(cookie) => Response::new(303)
                .header("Location", here)
                .header("Set-Cookie", cookie)
                .header("Cache-Control", "no-store"),
            None => {
                let client = self.config.shown_name(client);
                page::login(here, client, Some("This name and password do not fit."))
            }
        }
    }

    /// The consent page for who is logged in, else the login page.
    pub(crate) fn ask_for(
        &self,
        request: &Request,
        client: &str,
        scopes: &[String],
        here: &str,
    ) -> Response {
        let client = self.config.shown_name(client);
        let Some(session) = self.session(request) else {
            return page::login(here, client, None);
        };
        let describe = |scope: &String| (scope.clone(), self.config.description(scope).to_owned());
        let scopes: Vec<_> = scopes.iter().map(describe).collect();
        page::consent(here, client, session, &scopes)
    }

    /// What the user, who is named, has decided on the consent page: the scopes, or nothing. `None` where nobody is logged
    /// in or another page decides.
    pub(crate) fn decision(
        &self,
        request: &Request,
        form: &Parameters,
        asked: &[String],
    ) -> Option<(Session, Option<Vec<String>>)> {
        let session = self.session(request)?;
        if form.find("csrf") != Some(&session.csrf) {
            return None;
        }
        let is_granted = |scope: &&String| {
            form.names_after("scope:")
                .any(|granted| granted == scope.as_str())
        };
        let scopes: Vec<String> = asked.iter().filter(is_granted).cloned().collect();
        let is_allowed =
            form.find("decision") == Some("allow") && (asked.is_empty() || !scopes.is_empty());
        Some((session.clone(), is_allowed.then_some(scopes)))
    }
}
