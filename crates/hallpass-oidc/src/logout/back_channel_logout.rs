//! The provider tells of a logout by a request of its own (OpenID Connect Back-Channel Logout §2.5 to §2.8).

use hallpass_grant::{Conversation, Error, ErrorKind, Input, Parameters, Step};
use time::UtcDateTime;

use super::{LogoutRules, LogoutToken};
use crate::{Fault, JwtVerification};

/// A request to `backchannel_logout_uri`: verifies the logout token in it, for which the provider's keys may have to be asked for.
///
/// End the sessions that [`LogoutToken::ends`] names, and answer with [`answer`](Self::answer). [`SeenLogoutTokens`](crate::SeenLogoutTokens) knows
/// a token that comes again.
#[derive(Clone, Debug)]
pub struct BackChannelLogout {
    verification: JwtVerification,
    rules: LogoutRules,
}

impl BackChannelLogout {
    /// Reads a request: its method, its `content-type` and its body. Parameters other than `logout_token` are ignored.
    ///
    /// # Errors
    /// [`Fault::LogoutRequest`] where it is no `POST` of a form with one logout token; a [`Violation`](hallpass_grant::Violation) where the
    /// form cannot be taken apart.
    pub fn read(
        method: &str,
        content_type: &str,
        body: &[u8],
        rules: LogoutRules,
    ) -> Result<Self, Error> {
        let essence = content_type.split(';').next().unwrap_or("").trim();
        let is_form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let body = str::from_utf8(body).ok();
        let (true, true, Some(body)) = (method == "POST", is_form, body) else {
            return Err(Fault::LogoutRequest.into());
        };
        let parameters = Parameters::parse(body)?;
        let token = parameters.value("logout_token").unwrap_or("");
        if token.is_empty() {
            return Err(Fault::LogoutRequest.into());
        }
        Ok(Self {
            verification: JwtVerification::new(token, rules.token.clone()),
            rules,
        })
    }

    /// What to answer the provider with, whether the request could be read, its token verified and the sessions ended, or not
    /// (OpenID Connect Back-Channel Logout §2.8).
    pub fn answer<T>(outcome: &Result<T, Error>) -> LogoutAnswer {
        match outcome.as_ref().map_err(Error::kind) {
            Ok(_) => LogoutAnswer {
                status: 200,
                body: "",
            },
            Err(ErrorKind::Violation(_)) => LogoutAnswer {
                status: 400,
                body: r#"{"error":"invalid_request"}"#,
            },
            Err(_) => LogoutAnswer {
                status: 400,
                body: r#"{"error":"server_error"}"#,
            },
        }
    }
}

impl Conversation for BackChannelLogout {
    type Output = LogoutToken;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<LogoutToken>, Error> {
        match self.verification.step(input, now)? {
            Step::Done(token) => {
                let token = LogoutToken::read(token.claims(), &self.rules)?;
                Ok(Step::Done(token))
            }
            Step::Send(request) => Ok(Step::Send(request)),
            Step::Sign(input) => Ok(Step::Sign(input)),
            Step::Wait(until) => Ok(Step::Wait(until)),
        }
    }
}

/// What the provider is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogoutAnswer {
    status: u16,
    body: &'static str,
}

impl LogoutAnswer {
    /// 200, or 400.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers, their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let json = ("content-type", "application/json");
        let headers = [
            ("cache-control", "no-cache, no-store"),
            ("pragma", "no-cache"),
        ];
        let has_body = !self.body.is_empty();
        headers.into_iter().chain(has_body.then_some(json))
    }

    /// Nothing, or a JSON object with the `error`.
    pub fn body(&self) -> &'static str {
        self.body
    }
}
