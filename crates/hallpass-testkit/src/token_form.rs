//! The form that a client posts to the token endpoint and to its neighbours (RFC 6749 §3.2).

use crate::{Request, form::Parameters, token_error::TokenError};

/// What may stand in the body alone: the target of a request ends up in logs.
const BODY_ONLY: &[&str] = &[
    "actor_token",
    "assertion",
    "client_assertion",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "grant_type",
    "password",
    "refresh_token",
    "subject_token",
    "token",
    "username",
];

/// The form of a request.
pub(crate) fn read_form(request: &Request) -> Result<Parameters, TokenError> {
    let invalid = |description: &str| TokenError::new("invalid_request", description);
    let media_type = request
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(invalid("the body is not application/x-www-form-urlencoded"));
    }
    if request
        .query_parameters()
        .iter()
        .any(|(name, _)| BODY_ONLY.contains(&name.as_str()))
    {
        return Err(invalid(
            "a parameter stands in the URL that belongs into the body",
        ));
    }
    let body = std::str::from_utf8(&request.body).map_err(|_| invalid("the body is not UTF-8"))?;
    Parameters::parse(body).map_err(|error| invalid(&format!("the body has {error}")))
}

pub(crate) fn required<'a>(form: &'a Parameters, name: &str) -> Result<&'a str, TokenError> {
    form.find(name)
        .ok_or_else(|| TokenError::new("invalid_request", &format!("the request has no {name}")))
}
