//! What an API's answer says of the token it was shown.

use http::header::{HeaderMap, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use hallpass_grant::Challenge;

/// What an API's answer says of the token it was shown, and so what may be sent after it. Where it says several things, the last of them
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    /// The request or its proof cannot be read. Another token of the same kind would be shown in the same way.
    Presentation,
    /// Nothing is wrong with it, or nothing that another token would mend: what it is not allowed to do (RFC 6750 §3.1), a login that is
    /// too weak or too old (RFC 9470 §3).
    None,
    /// It is good no longer: another of the same kind may be.
    Token,
}

impl Refusal {
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        if status != StatusCode::UNAUTHORIZED {
            return Self::None;
        }
        let challenges = challenges(headers);
        let errors = challenges.iter().filter_map(|own| own.parameter("error"));
        // Most APIs say no more than 401.
        errors.map(Self::named).max().unwrap_or(Self::Token)
    }

    fn named(error: &str) -> Self {
        match error.to_ascii_lowercase().as_str() {
            "invalid_request" | "invalid_dpop_proof" | "use_dpop_nonce" => Self::Presentation,
            "insufficient_scope" | "insufficient_user_authentication" => Self::None,
            _ => Self::Token,
        }
    }
}

/// The challenges that are for tokens (RFC 6750 §3, RFC 9449 §7.1).
pub(crate) fn challenges(headers: &HeaderMap) -> Vec<Challenge<'_>> {
    let fields = headers.get_all(WWW_AUTHENTICATE).iter();
    let challenges = fields
        .filter_map(|value: &HeaderValue| value.to_str().ok())
        .flat_map(Challenge::read);
    challenges
        .filter(|own| own.is_of("bearer") || own.is_of("dpop"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, fields: &[&str]) -> Refusal {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(WWW_AUTHENTICATE, field.parse().unwrap());
        }
        Refusal::of(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn a_401_is_about_the_token_unless_it_says_otherwise() {
        for fields in [
            &[][..],
            &["Bearer"],
            &[r#"Bearer error="invalid_token""#],
            &[r#"Bearer realm="x", error="token_expired""#],
            &["Basic realm=\"x\", error=\"insufficient_scope\""],
            &["DPoP algs=\"ES256\"", r#"Bearer error="Invalid_Token""#],
            &[
                r#"Bearer error="insufficient_scope""#,
                r#"DPoP error="invalid_token""#,
            ],
            &["Bearer error=", "\u{9}"],
        ] {
            assert_eq!(of(401, fields), Refusal::Token, "{fields:?}");
        }
    }

    #[test]
    fn no_token_of_the_same_kind_mends_what_is_not_allowed() {
        for (fields, refusal) in [
            (r#"Bearer error="insufficient_scope""#, Refusal::None),
            (
                r#"DPoP algs="ES256", Bearer error="insufficient_user_authentication""#,
                Refusal::None,
            ),
            (r#"Bearer error="invalid_request""#, Refusal::Presentation),
            (r#"DPoP error="invalid_dpop_proof""#, Refusal::Presentation),
            (r#"DPoP error="use_dpop_nonce""#, Refusal::Presentation),
        ] {
            assert_eq!(of(401, &[fields]), refusal, "{fields}");
        }
    }

    #[test]
    fn no_other_status_is_about_the_token() {
        for status in [200, 204, 302, 307, 400, 403, 404, 407, 500, 503] {
            assert_eq!(
                of(status, &[r#"Bearer error="invalid_token""#]),
                Refusal::None,
                "{status}"
            );
        }
    }
}
