//! The authorization server said no (RFC 6749 §4.1.2.1, §4.2.2.1, §5.2).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::Recovery;
use crate::shown::neutralized;

/// What an authorization server said when it said no.
///
/// Texts from the server are cut to 512 characters; control characters are spaces and `<`, `>`, `"`, `'` have become
/// typographic marks that no terminal and no HTML page reads as markup. One that repeats a secret that was sent is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    status: Option<u16>,
    code: Option<ErrorCode>,
    description: Option<String>,
    uri: Option<String>,
    retry_after: Option<Duration>,
    hint: Option<&'static str>,
    ends_grant: bool,
}

impl Refused {
    /// The HTTP status. `None`: the refusal came through the user agent, in a redirect.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The error code. `None`: the answer was no OAuth error, only a status.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// `error_description`: a text for the developer, from the server.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// `error_uri`: a page about the error. It is the server's text: do not open it unseen.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// How long the server asked to be left alone (`Retry-After` in seconds, RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn by_redirect(code: &str) -> Self {
        Self::new(None, Some(ErrorCode::new(code)))
    }

    pub(crate) fn by_status(status: u16) -> Self {
        let hint = match status {
            404 | 405 => Some("is the endpoint's address right?"),
            _ => None,
        };
        Self {
            hint,
            ..Self::new(Some(status), None)
        }
    }

    fn new(status: Option<u16>, code: Option<ErrorCode>) -> Self {
        Self {
            ends_grant: code == Some(ErrorCode::INVALID_GRANT),
            status,
            code,
            description: None,
            uri: None,
            retry_after: None,
            hint: None,
        }
    }

    /// What this library knows that may be behind the refusal, and the server does not say.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }

    /// Whether the code or refresh token that was sent is dead: `invalid_grant` (RFC 6749 §5.2), or what the provider's profile
    /// says means the same. Nothing else ends a session.
    pub fn ends_grant(&self) -> bool {
        self.ends_grant
    }

    /// Withholds what repeats a secret. It is looked for in what the server sent, before that was cut and made fit to be shown.
    pub(crate) fn withhold(&mut self, sent: &ErrorTexts, is_secret: impl Fn(&str) -> bool) {
        let [code, description, uri] = [&sent.code, &sent.description, &sent.uri]
            .map(|text| text.as_deref().is_some_and(&is_secret));
        if code {
            self.code = Some(ErrorCode(Cow::Borrowed(WITHHELD)));
        }
        for (text, is_withheld) in [(&mut self.description, description), (&mut self.uri, uri)] {
            if is_withheld {
                *text = Some(WITHHELD.to_owned());
            }
        }
    }

    pub(crate) fn end_grant(&mut self, codes: &[Cow<'static, str>]) {
        let code = self.code.as_ref().map(ErrorCode::as_str);
        self.ends_grant |= codes.iter().any(|own| Some(&**own) == code);
        // Everything else says of itself what is to be done.
        let may_mean_it = match self.recovery() {
            Recovery::Fix => code == Some("invalid_request"),
            Recovery::Reauthorize | Recovery::Fail => code.is_some(),
            Recovery::Retry { .. } => false,
        };
        if may_mean_it && !self.ends_grant {
            self.hint = Some(
                "if that is what the server says of a dead refresh token, it needs a profile whose `dead_refresh_token` has \
                 this error",
            );
        }
    }

    pub(crate) fn add_client_hint(&mut self, hint: &'static str) {
        let code = self.code.as_ref().map(ErrorCode::as_str);
        if matches!(code, Some("invalid_client" | "unauthorized_client"))
            || self.status == Some(401)
        {
            self.hint = Some(hint);
        }
    }

    /// The refusal of a server that answers with a form where none was expected.
    pub(crate) fn in_a_form(mut self) -> Self {
        self.hint = Some(
            "the answer is a form: a provider that answers with one needs a profile whose `answer` is `json_or_form`",
        );
        self
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.hint = None;
        let code = ErrorCode::new(code);
        self.ends_grant = code == ErrorCode::INVALID_GRANT;
        self.code = Some(code);
        self
    }

    pub(crate) fn with_texts(mut self, description: Option<&str>, uri: Option<&str>) -> Self {
        self.description = description.map(neutralized);
        self.uri = uri.map(neutralized);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    pub(crate) fn recovery(&self) -> Recovery {
        let later = Recovery::Retry {
            after: self.retry_after,
        };
        match (self.code.as_ref().map(ErrorCode::as_str), self.status) {
            (Some("temporarily_unavailable" | "server_error"), _) => later,
            (Some("authorization_pending" | "slow_down"), _) => later,
            (_, Some(429 | 500..)) => later,
            (_, _) if self.ends_grant => Recovery::Reauthorize,
            (None, Some(404 | 405)) => Recovery::Fix,
            (
                Some(
                    "access_denied"
                    | "expired_token"
                    | "login_required"
                    | "consent_required"
                    | "interaction_required"
                    | "account_selection_required"
                    // What GitHub, Microsoft and Slack call a code that is denied, spent or expired.
                    | "authorization_declined"
                    | "bad_verification_code"
                    | "incorrect_device_code"
                    | "invalid_code"
                    | "token_expired",
                ),
                _,
            ) => Recovery::Reauthorize,
            (
                Some(
                    "invalid_request"
                    | "invalid_client"
                    | "unauthorized_client"
                    | "unsupported_grant_type"
                    | "unsupported_response_type"
                    | "invalid_scope"
                    | "invalid_target"
                    | "unsupported_token_type"
                    | "invalid_redirect_uri"
                    | "invalid_client_metadata"
                    | "invalid_software_statement"
                    | "unapproved_software_statement"
                    | "invalid_dpop_proof"
                    // What they and Google call a client or a redirect URI that is not the registered one.
                    | "bad_client_secret"
                    | "bad_redirect_uri"
                    | "device_flow_disabled"
                    | "incorrect_client_credentials"
                    | "invalid_client_id"
                    | "redirect_uri_mismatch",
                ),
                _,
            ) => Recovery::Fix,
            _ => Recovery::Fail,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, self.status) {
            (Some(code), Some(status)) => write!(f, "{REFUSED}: {code} (status {status})")?,
            (Some(code), None) => write!(f, "{REFUSED}: {code}")?,
            // Whatever failed there has judged nothing.
            (None, Some(status @ (429 | 500..))) => write!(
                f,
                "the authorization server cannot answer now: status {status}; try again later"
            )?,
            (None, Some(status)) => write!(f, "{REFUSED} with status {status} and no OAuth error")?,
            (None, None) => f.write_str(REFUSED)?,
        }
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        match self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

const REFUSED: &str = "the authorization server refused";

/// What a server says of an error, as it came.
#[derive(Default)]
pub(crate) struct ErrorTexts {
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) uri: Option<String>,
}

const WITHHELD: &str = "(withheld: it repeats what was sent)";

/// An error code. One that no RFC names is kept as it came.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ErrorCode(Cow<'static, str>);

macro_rules! codes {
    ($($name:ident = $code:literal, $source:literal;)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!("`", $code, "` (", $source, ")")]
                pub const $name: Self = Self(Cow::Borrowed($code));
            )*

            fn new(code: &str) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self(Cow::Owned(neutralized(other))),
                }
            }
        }
    };
}

codes! {
    INVALID_REQUEST = "invalid_request", "RFC 6749 §5.2";
    INVALID_CLIENT = "invalid_client", "RFC 6749 §5.2";
    INVALID_GRANT = "invalid_grant", "RFC 6749 §5.2";
    UNAUTHORIZED_CLIENT = "unauthorized_client", "RFC 6749 §5.2";
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type", "RFC 6749 §5.2";
    INVALID_SCOPE = "invalid_scope", "RFC 6749 §5.2";
    ACCESS_DENIED = "access_denied", "RFC 6749 §4.1.2.1";
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type", "RFC 6749 §4.1.2.1";
    SERVER_ERROR = "server_error", "RFC 6749 §4.1.2.1";
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable", "RFC 6749 §4.1.2.1";
    LOGIN_REQUIRED = "login_required", "OpenID Connect Core §3.1.2.6";
    CONSENT_REQUIRED = "consent_required", "OpenID Connect Core §3.1.2.6";
    INTERACTION_REQUIRED = "interaction_required", "OpenID Connect Core §3.1.2.6";
    AUTHORIZATION_PENDING = "authorization_pending", "RFC 8628 §3.5";
    SLOW_DOWN = "slow_down", "RFC 8628 §3.5";
    EXPIRED_TOKEN = "expired_token", "RFC 8628 §3.5";
    INVALID_TARGET = "invalid_target", "RFC 8707 §2";
    UNSUPPORTED_TOKEN_TYPE = "unsupported_token_type", "RFC 7009 §2.2.1";
    INVALID_REDIRECT_URI = "invalid_redirect_uri", "RFC 7591 §3.2.2";
    INVALID_CLIENT_METADATA = "invalid_client_metadata", "RFC 7591 §3.2.2";
    INVALID_SOFTWARE_STATEMENT = "invalid_software_statement", "RFC 7591 §3.2.2";
    UNAPPROVED_SOFTWARE_STATEMENT = "unapproved_software_statement", "RFC 7591 §3.2.2";
    INVALID_DPOP_PROOF = "invalid_dpop_proof", "RFC 9449 §12.2";
    USE_DPOP_NONCE = "use_dpop_nonce", "RFC 9449 §12.2";
}

impl ErrorCode {
    /// The code as the server sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::MAX_CHARACTERS;

    #[test]
    fn a_servers_text_is_bounded_and_cannot_be_markup_or_escape_sequences() {
        let text = format!("a\r\nb\x1b[31m<script>\u{202e}\"{}", "x".repeat(1_000_000));
        let refused = Refused::by_status(400).with_texts(Some(&text), None);
        let shown = refused.description().unwrap();
        assert!(shown.starts_with("a  b [31m‹script› ”xxx"), "{shown}");
        assert_eq!(shown.chars().count(), MAX_CHARACTERS);
    }

    #[test]
    fn an_unknown_code_is_kept() {
        let refused = Refused::by_redirect("vendor_specific");
        assert_eq!(refused.code().unwrap(), "vendor_specific");
        assert_eq!(refused.recovery(), Recovery::Fail);
    }

    #[test]
    fn the_code_and_the_status_decide_what_to_do() {
        let recovery = |status, code| Refused::by_status(status).with_code(code).recovery();
        assert_eq!(recovery(400, "invalid_grant"), Recovery::Reauthorize);
        assert_eq!(recovery(401, "invalid_client"), Recovery::Fix);
        assert_eq!(
            recovery(503, "temporarily_unavailable"),
            Recovery::Retry { after: None }
        );
        assert_eq!(recovery(429, "slow"), Recovery::Retry { after: None });
        assert_eq!(Refused::by_status(403).recovery(), Recovery::Fail);
    }

    #[test]
    fn an_outage_does_not_sound_like_a_no() {
        for status in [429, 500, 502, 503] {
            let said = Refused::by_status(status).to_string();
            assert!(said.contains("try again later"), "{said}");
            assert!(!said.contains("refused"), "{said}");
        }
        assert!(Refused::by_status(403).to_string().contains("refused"));
    }
}
