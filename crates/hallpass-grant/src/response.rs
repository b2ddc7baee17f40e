//! What came back, as far as a conversation looks at it.

use std::fmt;
use std::time::Duration;

use hallpass_token::{Json, Members, SecretBytes};

use crate::error::ErrorTexts;
use crate::form::Parameters;
use crate::{AnswerForm, Challenge, Error, ErrorCode, Refused, Violation};

/// An answer, whatever its status.
///
/// Build it from what an HTTP client gave, or convert an `http::Response` (feature `http`).
/// `Debug` shows the status and how long the body is.
#[derive(Clone)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: SecretBytes,
}

/// The headers a conversation looks at; the others are not kept.
const KEPT: [&str; 6] = [
    "cache-control",
    "content-type",
    "retry-after",
    "dpop-nonce",
    "www-authenticate",
    "location",
];

impl Response {
    /// An answer with this status, no headers and no body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: SecretBytes::default(),
        }
    }

    /// The same answer with a header. Those that no conversation looks at are not kept.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Some(name) = KEPT.iter().find(|kept| name.eq_ignore_ascii_case(kept)) {
            self.headers.push((*name, value.to_owned()));
        }
        self
    }

    /// The same answer with a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<SecretBytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body as it came. That of a token endpoint has tokens in it.
    pub fn body(&self) -> &[u8] {
        self.body.expose_secret()
    }

    /// How long the server asks to be left alone. Dates are not read: they need a clock the client may not have.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header("retry-after")?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
    }

    /// The nonce that the next proof is to have in it (RFC 9449 §8.2).
    pub(crate) fn dpop_nonce(&self) -> Option<&str> {
        self.header("dpop-nonce")
    }

    /// Whether the proof was refused for the want of a nonce (RFC 9449 §8 and §9): an authorization server says so in the
    /// body, an API in a challenge.
    pub(crate) fn wants_dpop_nonce(&self) -> bool {
        let fields = self.headers.iter();
        let fields = fields.filter(|(name, _)| *name == "www-authenticate");
        let is_demand = |challenge: Challenge<'_>| {
            challenge.is_of("dpop") && challenge.parameter("error") == Some("use_dpop_nonce")
        };
        match self.status {
            400 | 401 => {
                self.refusal().code() == Some(&ErrorCode::USE_DPOP_NONCE)
                    || fields
                        .flat_map(|(_, text)| Challenge::read(text))
                        .any(is_demand)
            }
            _ => false,
        }
    }

    /// The JSON object of a success.
    ///
    /// # Errors
    /// What the server refused with, or a [`Violation`] where the answer is of another media type or cannot be read.
    pub fn json(&self) -> Result<Members, Error> {
        self.members(AnswerForm::Json)
    }

    /// The members of a success, or what the server refused with.
    pub(crate) fn members(&self, form: AnswerForm) -> Result<Members, Error> {
        match self.status {
            200..=299 => {}
            _ => return Err(self.refusal_in(form).into()),
        }
        let members = match (self.header("content-type"), form) {
            (Some(media_type), AnswerForm::JsonOrForm) if is_form(media_type) => self.form()?,
            (Some(media_type), _) if !is_json(media_type) => {
                return Err(Violation::ContentType.into());
            }
            _ => Members::read(self.body()).map_err(Violation::from)?,
        };
        match (self.error(&members), members.value("error")) {
            (Some(refused), _) => Err(refused.into()),
            (None, None | Some(Json::Null | Json::String(_) | Json::Bool(false))) => Ok(members),
            (None, Some(_)) => Err(Violation::Malformed("error is not a text").into()),
        }
    }

    /// Nothing, if this is a success of which only the status counts (RFC 7009 §2.2), or what the server refused with.
    ///
    /// # Errors
    /// [`Refused`] for any other status, and for an error object in a success.
    pub fn success(&self) -> Result<(), Error> {
        let members = Members::read(self.body()).unwrap_or_default();
        match (self.status, self.error(&members)) {
            (200..=299, None) => Ok(()),
            (200..=299, Some(refused)) => Err(refused.into()),
            _ => Err(self.refusal().into()),
        }
    }

    fn form(&self) -> Result<Members, Error> {
        let text = str::from_utf8(self.body()).map_err(|_| Violation::Encoding)?;
        let mut members = Members::default();
        for (name, value) in Parameters::parse(text)?.iter() {
            members.insert(name, Json::String(value.to_owned()));
        }
        Ok(members)
    }

    fn refusal(&self) -> Refused {
        self.refusal_in(AnswerForm::Json)
    }

    fn refusal_in(&self, form: AnswerForm) -> Refused {
        let members = match (self.header("content-type"), form) {
            (Some(media_type), AnswerForm::JsonOrForm) if is_form(media_type) => {
                self.form().unwrap_or_default()
            }
            _ => Members::read(self.body()).unwrap_or_default(),
        };
        let plain = || Refused::by_status(self.status).with_retry_after(self.retry_after());
        match (self.error(&members), self.header("content-type"), form) {
            (Some(refused), _, _) => refused,
            (None, Some(media_type), AnswerForm::Json) if essence(media_type) == FORM => {
                plain().in_a_form()
            }
            (None, _, _) => match self.challenged() {
                Some(code) => plain().with_code(code),
                None => plain(),
            },
        }
    }

    /// What the challenge of a protected resource says is wrong with the token (RFC 6750 §3.1), where the body does not.
    fn challenged(&self) -> Option<&'static str> {
        let fields = self.headers.iter();
        let fields = fields.filter(|(name, _)| *name == "www-authenticate");
        let mut challenges = fields.flat_map(|(_, text)| Challenge::read(text));
        challenges.find_map(|challenge| {
            let error = challenge.parameter("error")?;
            OF_TOKENS.into_iter().find(|known| *known == error)
        })
    }

    /// What the server says of an error, as it came.
    pub(crate) fn error_texts(&self) -> ErrorTexts {
        let form = || self.form().unwrap_or_default();
        let members = Members::read(self.body()).unwrap_or_else(|_| form());
        let text = |name| {
            members
                .value(name)
                .and_then(Json::as_str)
                .map(str::to_owned)
        };
        ErrorTexts {
            code: text("error"),
            description: text("error_description"),
            uri: text("error_uri"),
        }
    }

    /// The error object of RFC 6749 §5.2, if that is what the body is.
    fn error(&self, members: &Members) -> Option<Refused> {
        let text = |name| members.value(name).and_then(|value| value.as_str());
        let code = text("error").filter(|code| !code.is_empty())?;
        let refused = Refused::by_status(self.status)
            .with_code(code)
            .with_texts(text("error_description"), text("error_uri"))
            .with_retry_after(self.retry_after());
        Some(refused)
    }

    /// The value of a header that is kept, by its lower-case name: `content-type`, `cache-control`, `retry-after`, `location`, `dpop-nonce` or
    /// `www-authenticate`.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body", &self.body)
            .finish()
    }
}

const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

const FORM: &str = "application/x-www-form-urlencoded";

fn is_form(content_type: &str) -> bool {
    [FORM, "text/plain"].contains(&essence(content_type).as_str())
}

fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence == "application/json" || essence.ends_with("+json")
}

/// A media type without its parameters.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or("");
    essence.trim().to_ascii_lowercase()
}
/// The errors of a token that is presented (RFC 6750 §3.1). No other text of a challenge is told: it may repeat what was sent.
const OF_TOKENS: [&str; 3] = ["invalid_request", "invalid_token", "insufficient_scope"];
