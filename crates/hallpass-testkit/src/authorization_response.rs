//! What the client gets back through the browser (RFC 6749 §4.1.2 and §4.2.2, RFC 9207), and all that can be wrong with it.

use crate::{
    AuthorizationServer, Fault, Response, TokenParameter, authorization_request::ResponseMode,
    fault_set::FaultSet, form, page,
};

/// Where an authorization response goes.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
}

/// What an authorization response says, before `state` and `iss`.
pub(crate) struct Outcome {
    /// Not yet encoded.
    pub(crate) parameters: Vec<(String, String)>,
    /// Follows the code or the token without being encoded.
    pub(crate) raw_end: &'static str,
}

impl Outcome {
    pub(crate) fn refused(error: &str, description: &str) -> Self {
        let parameters = [("error", error), ("error_description", description)];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            parameters: parameters.into(),
            raw_end: "",
        }
    }

    fn names(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| known == name)
    }
}

impl AuthorizationServer {
    /// Sends the browser back to the client.
    pub(crate) fn send_back(&mut self, address: &Address, outcome: Outcome) -> Response {
        let mut outcome = self.refused_by_fault().unwrap_or(outcome);
        let faults = &mut self.faults;
        let mode = mode(faults, address.mode, &outcome);
        if outcome.names("access_token") {
            rename_token(faults, &mut outcome);
        }
        if outcome.names("code") && faults.happens(&Fault::EmptyCode) {
            outcome
                .parameters
                .iter_mut()
                .filter(|(name, _)| name == "code")
                .for_each(|(_, code)| code.clear());
        }
        if !outcome.names("error") && faults.happens(&Fault::CodeAndError) {
            outcome
                .parameters
                .push(("error".to_owned(), "server_error".to_owned()));
        }
        if let Some(state) = address
            .state
            .as_deref()
            .and_then(|state| answer_state(faults, state))
        {
            outcome.parameters.push(("state".to_owned(), state));
        }
        let mut redirect_uri = address.redirect_uri.clone();
        if let Some(iss) = self.answer_iss() {
            if mode == ResponseMode::Fragment && self.faults.happens(&Fault::IssuerInQuery) {
                redirect_uri = with_query(&redirect_uri, &form::encode([("iss", iss.as_str())]));
            } else {
                outcome.parameters.push(("iss".to_owned(), iss));
            }
        }
        let faults = &mut self.faults;
        if let Some((name, value)) = faults.take(|fault| duplicate(fault, &outcome)) {
            outcome.parameters.push((name, value + "-again"));
        }
        let appended = faults.take(|fault| match fault {
            Fault::Appended(text) => Some(text.clone()),
            _ => None,
        });
        match mode {
            ResponseMode::FormPost => page::form_post(&redirect_uri, &outcome.parameters),
            ResponseMode::Query => redirect(with_query(
                &redirect_uri,
                &(encode(&outcome) + &appended.unwrap_or_default()),
            )),
            ResponseMode::Fragment => redirect(format!(
                "{}#{}{}",
                without_fragment(&redirect_uri),
                encode(&outcome),
                appended.unwrap_or_default()
            )),
        }
    }

    fn refused_by_fault(&mut self) -> Option<Outcome> {
        self.faults.take(|fault| match fault {
            Fault::HostileDescription(hostile) => {
                Some(Outcome::refused("access_denied", &hostile.text()))
            }
            Fault::AuthorizationError { error, description } => {
                Some(Outcome::refused(error, description))
            }
            Fault::DenyConsent => Some(Outcome::refused("access_denied", "the user said no")),
            _ => None,
        })
    }

    fn answer_iss(&mut self) -> Option<String> {
        if self.faults.happens(&Fault::IssuerWrong) {
            return Some("https://other-issuer.example".to_owned());
        }
        let is_sent = self.config.iss_parameter && !self.faults.happens(&Fault::IssuerMissing);
        let end = if is_sent && self.faults.happens(&Fault::IssuerSlash) {
            "/"
        } else {
            ""
        };
        is_sent.then(|| self.issuer().to_owned() + end)
    }
}

fn mode(faults: &mut FaultSet, asked: ResponseMode, outcome: &Outcome) -> ResponseMode {
    let is_front = outcome.names("access_token") || outcome.names("id_token");
    if is_front && faults.happens(&Fault::TokenInQuery) {
        ResponseMode::Query
    } else if outcome.names("code") && faults.happens(&Fault::CodeInFragment) {
        ResponseMode::Fragment
    } else {
        asked
    }
}

fn rename_token(faults: &mut FaultSet, outcome: &mut Outcome) {
    let parameter = faults.take(|fault| match fault {
        Fault::TokenParameter(parameter) => Some(*parameter),
        _ => None,
    });
    let found = outcome
        .parameters
        .iter()
        .position(|(name, _)| name == "access_token");
    let (Some(parameter), Some((name, token))) = (
        parameter,
        found.and_then(|at| outcome.parameters.get_mut(at)),
    ) else {
        return;
    };
    let other = match parameter {
        TokenParameter::Only => {
            *name = "token".to_owned();
            return;
        }
        TokenParameter::Equal => token.clone(),
        TokenParameter::Different => "another-token".to_owned(),
    };
    outcome.parameters.push(("token".to_owned(), other));
}

fn answer_state(faults: &mut FaultSet, state: &str) -> Option<String> {
    let without_last = || {
        let mut characters = state.chars();
        characters.next_back();
        characters.as_str().to_owned()
    };
    if faults.happens(&Fault::StateMissing) {
        None
    } else if faults.happens(&Fault::StateTruncated) {
        Some(without_last())
    } else if faults.happens(&Fault::StateAltered) {
        let last = if state.ends_with('A') { 'B' } else { 'A' };
        Some(without_last() + &last.to_string())
    } else {
        Some(state.to_owned())
    }
}

fn duplicate(fault: &Fault, outcome: &Outcome) -> Option<(String, String)> {
    match fault {
        Fault::DuplicateParameter(name) => outcome
            .parameters
            .iter()
            .find(|(known, _)| known == name)
            .cloned(),
        _ => None,
    }
}

fn encode(outcome: &Outcome) -> String {
    let pairs = outcome.parameters.iter().map(|(name, value)| {
        let is_credential = ["code", "access_token", "token"].contains(&name.as_str());
        let end = if is_credential { outcome.raw_end } else { "" };
        form::encode([(name.as_str(), value.as_str())]) + end
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn without_fragment(uri: &str) -> &str {
    uri.split('#').next().unwrap_or_default()
}

fn with_query(uri: &str, query: &str) -> String {
    let uri = without_fragment(uri);
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{query}")
}

fn redirect(location: String) -> Response {
    Response::new(303)
        .header("Location", location)
        .header("Cache-Control", "no-store")
        .header("Referrer-Policy", "no-referrer")
}
