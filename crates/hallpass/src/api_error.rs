//! An application call that failed: never to be mistaken for the authorization server saying no.

use http::{HeaderMap, StatusCode};

use hallpass_grant::Challenge;

use crate::refusal::challenges;

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
        let challenges = challenges(headers);
        // An API that takes tokens of both kinds names both, and says with one of them what is wrong.
        let says = |own: &&Challenge<'_>| own.parameter("error").is_some();
        let challenge = challenges.iter().find(says).or(challenges.first());
        let parameter = |name| challenge.and_then(|own| own.parameter(name));
        Err(Self {
            status,
            error: parameter("error").map(shown),
            scope: parameter("scope").map(shown),
        })
    }

    /// The same for an answer of `reqwest`'s: it comes back if it is a success.
    ///
    /// # Errors
    /// As for [`check`](Self::check).
    #[cfg(feature = "reqwest")]
    pub fn check_response(response: reqwest::Response) -> Result<reqwest::Response, Self> {
        Self::check(response.status(), response.headers()).map(|()| response)
    }

    /// Whether the token was refused: refresh it, or ask for consent.
    pub fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

const MAX_CHARACTERS: usize = 256;

/// Bounded, and without control characters.
fn shown(text: &str) -> String {
    let shown = text.chars().filter(|c| !c.is_control());
    shown.take(MAX_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use http::header::WWW_AUTHENTICATE;

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
    fn of_two_challenges_the_one_that_says_what_is_wrong_is_told() {
        let error = check(401, r#"DPoP algs="ES256", Bearer error="invalid_token""#).unwrap_err();
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
