//! What a call sends: a form, a JSON document, or nothing but its method.

use serde::{Deserialize, Serialize};

use hallpass_token::{Json, Members, Secret, SecretBytes};

use crate::form::{Form, fields};
use crate::{Method, Request};

/// What a call sends.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Content {
    /// `POST` of a form.
    Form(Secret),
    /// `POST` or `PUT` of a JSON document.
    Json(Method, Secret),
    /// `GET` or `DELETE`.
    Nothing(Method),
}

impl Content {
    pub(crate) fn form(form: Form) -> Self {
        Self::Form(Secret::new(form.into_text()))
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Form(_) => Method::Post,
            Self::Json(method, _) | Self::Nothing(method) => *method,
        }
    }

    /// One more field of the form, where this is one.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.change(|form| form.foreign_field(name, value));
    }

    /// Fields that are written already.
    pub(crate) fn push_fields(&mut self, fields: &str) {
        self.change(|form| form.fields(fields));
    }

    fn change(&mut self, change: impl FnOnce(Form) -> Form) {
        if let Self::Form(text) = self {
            let form = change(Form::from_text(text.expose_secret(), 0));
            *text = Secret::new(form.into_text());
        }
    }

    /// What of it is a secret, decoded.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        match self {
            Self::Form(text) => {
                let fields = fields(text.expose_secret());
                let secrets = fields.filter(|(name, _)| SECRETS.contains(&&**name));
                secrets.map(|(_, value)| Secret::new(value)).collect()
            }
            Self::Json(_, text) => {
                let members = Members::read(text.expose_secret().as_bytes()).unwrap_or_default();
                let text = |name| members.value(name).and_then(Json::as_str);
                let secrets = SECRETS.into_iter().filter_map(text);
                secrets.map(Secret::new).collect()
            }
            Self::Nothing(_) => Vec::new(),
        }
    }

    /// The request with this in it; `added` are what proves the client, for a form alone.
    pub(crate) fn write(&self, request: Request, added: &[(&'static str, &str)]) -> Request {
        match self {
            Self::Form(text) => {
                let more: usize = added
                    .iter()
                    .map(|(name, value)| name.len() + value.len() + 2)
                    .sum();
                let form = Form::from_text(text.expose_secret(), more);
                let form = added
                    .iter()
                    .fold(form, |form, (name, value)| form.field(name, value));
                request.with_body("application/x-www-form-urlencoded", form.into_body())
            }
            Self::Json(_, text) => {
                let body = SecretBytes::new(text.expose_secret().as_bytes().to_vec());
                request.with_body("application/json", body)
            }
            Self::Nothing(_) => request,
        }
    }
}

/// The fields and members that only the two sides may know.
const SECRETS: [&str; 12] = [
    "code",
    "code_verifier",
    "refresh_token",
    "device_code",
    "password",
    "assertion",
    "subject_token",
    "actor_token",
    "token",
    "state",
    "client_secret",
    "software_statement",
];
