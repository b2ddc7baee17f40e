//! An application call that failed: never to be mistaken for the authorization server saying no.

use http::{HeaderMap, StatusCode, header::WWW_AUTHENTICATE};

/// The resource server's answer to a call was no success.
///
/// Another type than [`ProviderError`](crate::ProviderError), so that "the provider said no" can be matched alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call was answered with status {status}{}", .error.as_deref().map(|e| format!(" ({e})")).unwrap_or_default())]
#[non_exhaustive]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// What a Bearer or DPoP challenge says is wrong with the token: `invalid_token`, `insufficient_scope` (RFC 6750 §3.1,
    /// RFC 9449 §7.1).
    pub error: Option<String>,
    /// The scopes the challenge asks for (RFC 6750 §3).
    pub scope: Option<String>,
}

impl ApiError {
    /// Looks at an answer's status and headers: `Ok` for a success.
    ///
    /// # Errors
    /// The error itself, for every status that is not 2xx.
    pub fn check(status: StatusCode, headers: &HeaderMap) -> Result<(), Self> {
        if status.is_success() {
            return Ok(());
        }
        let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
        let challenge = challenges
            .filter_map(|value| value.to_str().ok())
            .find_map(of_a_token);
        let parameter = |name| challenge.and_then(|challenge| parameter(challenge, name));
        Err(Self {
            status,
            error: parameter("error"),
            scope: parameter("scope"),
        })
    }

    /// Whether the token was refused: refresh it, or ask for consent.
    pub fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

const MAX_CHARACTERS: usize = 256;

/// The parameters of a challenge, if it is one that is about a token.
fn of_a_token(text: &str) -> Option<&str> {
    let (scheme, parameters) = text.split_once(' ')?;
    let mut schemes = ["Bearer", "DPoP"].into_iter();
    schemes
        .any(|own| scheme.eq_ignore_ascii_case(own))
        .then_some(parameters)
}

/// The value of a quoted parameter, bounded and without control characters.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((before, after)) = rest.split_once("=\"") {
        let own = before.rsplit([' ', ',']).next().unwrap_or(before);
        let (value, next) = after.split_once('"')?;
        if own.eq_ignore_ascii_case(name) {
            let shown = value.chars().filter(|c| !c.is_control());
            return Some(shown.take(MAX_CHARACTERS).collect());
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, challenge: &'static str) -> Result<(), ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, challenge.parse().unwrap());
        ApiError::check(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn a_refused_token_is_told_with_its_reason() {
        let error = check(
            401,
            r#"Bearer realm="x", error="invalid_token", scope="a b""#,
        )
        .unwrap_err();
        assert!(error.is_unauthorized());
        assert_eq!(error.error.as_deref(), Some("invalid_token"));
        assert_eq!(error.scope.as_deref(), Some("a b"));
        assert_eq!(
            error.to_string(),
            "the call was answered with status 401 Unauthorized (invalid_token)"
        );
    }

    #[test]
    fn a_refused_bound_token_is_told_with_its_reason() {
        let challenge = r#"DPoP realm="x", error="invalid_token", algs="ES256""#;
        let error = check(401, challenge).unwrap_err();
        assert_eq!(error.error.as_deref(), Some("invalid_token"));
    }

    #[test]
    fn a_success_is_no_error_and_a_strange_challenge_no_panic() {
        assert_eq!(check(204, "Bearer"), Ok(()));
        for challenge in [
            "",
            "B",
            "Bearer error=",
            "Bearer error=\"",
            "Basic error=\"x\"",
        ] {
            assert_eq!(check(403, challenge).unwrap_err().error, None);
        }
    }
}
