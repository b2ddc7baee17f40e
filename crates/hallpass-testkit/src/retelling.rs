//! The faults of a server that does the right thing and says it otherwise, or reads what it is told otherwise.

use base64ct::{Base64, Encoding};
use serde_json::{Map, Value};

use crate::{AuthorizationServer, Endpoint, ErrorForm, Fault, Request, Response, form, json, page};

impl AuthorizationServer {
    /// The request as this server reads it.
    pub(crate) fn read_by_fault(&mut self, endpoint: Endpoint, request: &Request) -> Request {
        let encoded = request.header("authorization").and_then(encoded_basic);
        let Some(encoded) = encoded else {
            return request.clone();
        };
        let is_raw = |fault: &Fault| (*fault == Fault::RawBasic).then_some(());
        if self.faults.take_at(endpoint, is_raw).is_none() {
            return request.clone();
        }
        let mut request = request.clone();
        let headers = request.headers.iter_mut();
        headers
            .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .for_each(|(_, value)| value.clone_from(&encoded));
        request
    }

    /// The answer as this server writes it.
    pub(crate) fn retell_by_fault(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        response: Response,
    ) -> Response {
        let response = self.retell_refusal(endpoint, response);
        if endpoint != Endpoint::Token {
            return response;
        }
        let is_form = self.faults.take(|fault| match fault {
            Fault::FormEncoded => Some(()),
            Fault::FormEncodedUnlessAccepted if !accepts_json(request) => Some(()),
            _ => None,
        });
        match (is_form, members(&response)) {
            (Some(()), Some(members)) => form_encoded(response.status, &members),
            _ => response,
        }
    }

    fn retell_refusal(&mut self, endpoint: Endpoint, response: Response) -> Response {
        let Some(error) = error(&response) else {
            return response;
        };
        let told = self.faults.take_at(endpoint, |fault| match fault {
            Fault::ErrorCode {
                error: meant,
                told,
                status,
            } if *meant == error => Some((told.clone(), *status)),
            _ => None,
        });
        let (error, response) = match told {
            None => (error, response),
            Some((told, status)) => {
                let body = json::object(&[("error".to_owned(), json::text(&told))]);
                (told, Response::json(status, body))
            }
        };
        let form = self.faults.take_at(endpoint, |fault| match fault {
            Fault::ErrorForm(form) => Some(*form),
            _ => None,
        });
        match form {
            None => response,
            Some(ErrorForm::Empty(status)) => Response::new(status),
            Some(ErrorForm::Json(status)) => Response { status, ..response },
            Some(ErrorForm::Html(status)) => Response::html(
                status,
                format!(
                    "<!doctype html><title>Error</title><h1>Error</h1>\n<p>{}</p>\n",
                    page::escape(&error)
                ),
            ),
            Some(ErrorForm::NotOk) => {
                let members = [("ok", "false".to_owned()), ("error", json::text(&error))];
                let members = members.map(|(name, value)| (name.to_owned(), value));
                Response::json(200, json::object(&members))
            }
            Some(ErrorForm::FormEncoded(status)) => {
                form_encoded(status, &members(&response).unwrap_or_default())
            }
        }
    }
}

/// Whether a request names JSON among what it takes.
pub(crate) fn accepts_json(request: &Request) -> bool {
    request
        .header("accept")
        .is_some_and(|accept| accept.to_ascii_lowercase().contains("application/json"))
}

fn members(response: &Response) -> Option<Map<String, Value>> {
    serde_json::from_slice(&response.body).ok()
}

/// The `error` of a refusal.
fn error(response: &Response) -> Option<String> {
    if response.status < 400 {
        return None;
    }
    Some(members(response)?.get("error")?.as_str()?.to_owned())
}

fn form_encoded(status: u16, members: &Map<String, Value>) -> Response {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let members: Vec<(&str, String)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let pairs = members.iter().map(|(name, value)| (*name, value.as_str()));
    Response::new(status)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Cache-Control", "no-store")
        .with_body(form::encode(pairs))
}

/// A Basic header whose halves are encoded once more: who decodes them has what was sent.
fn encoded_basic(header: &str) -> Option<String> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(Base64::decode_vec(credentials).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // A form of two names without values.
    let encode = |text: &str| form::encode([(text, "")]).trim_end_matches('=').to_owned();
    let both = format!("{}:{}", encode(id), encode(secret));
    Some(format!("Basic {}", Base64::encode_string(both.as_bytes())))
}
