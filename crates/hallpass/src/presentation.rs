//! How a token is presented: the headers it is in, and the proof that goes with it.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};

use hallpass_grant::{DpopKey, Error, Response};
use hallpass_http::{Driver, OsRandom};
use hallpass_token::{Secret, TokenSet};

use crate::{AuthorizeError, InvalidOrigin, Origin};

/// Where a request goes, as a proof names it.
pub(crate) struct Target {
    pub(crate) method: String,
    pub(crate) uri: String,
    /// `None`: a request for a path alone, whose connection is made already.
    origin: Option<Result<Origin, InvalidOrigin>>,
}

impl Target {
    pub(crate) fn of<B>(request: &http::Request<B>) -> Self {
        let uri = request.uri();
        Self {
            method: request.method().to_string(),
            uri: uri.to_string(),
            origin: match (uri.scheme(), uri.authority()) {
                (None, None) => None,
                _ => Some(Origin::try_from(uri)),
            },
        }
    }

    #[cfg(feature = "reqwest")]
    pub(crate) fn of_reqwest(request: &reqwest::Request) -> Self {
        let url = request.url();
        Self {
            method: request.method().to_string(),
            uri: url.to_string(),
            origin: Some(Origin::try_from(url)),
        }
    }
}

/// The proof that goes with a bound token on one request (RFC 9449 §7).
pub(crate) async fn prove(
    driver: &Driver,
    key: &DpopKey,
    method: &str,
    target: &str,
    token: &TokenSet,
) -> Result<Secret, Error> {
    let mut proof = key.proof(method, target, &token.access_token, &mut OsRandom)?;
    driver.drive(&mut proof).await
}

/// Whether an API wants the same again with a nonce, which is kept.
pub(crate) fn is_challenged(
    key: &DpopKey,
    uri: &str,
    status: http::StatusCode,
    headers: &HeaderMap,
) -> bool {
    let texts = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let response = texts.fold(Response::new(status.as_u16()), |response, (name, value)| {
        response.with_header(name, value)
    });
    key.is_challenged(uri, &response).unwrap_or(false)
}

/// Whether a token may be put on a request at all.
pub(crate) fn check(target: &Target, headers: &HeaderMap) -> Result<(), AuthorizeError> {
    if let Some(Err(invalid)) = target.origin {
        return Err(invalid.into());
    }
    match headers.contains_key(AUTHORIZATION) {
        true => Err(AuthorizeError::AlreadyAuthorized),
        false => Ok(()),
    }
}

/// Puts a token, and the proof that goes with it, on a request.
pub(crate) fn put(token: &TokenSet, proof: Option<&Secret>, headers: &mut HeaderMap) {
    // A token is printable ASCII by its type, and a proof base64url, which is what a header value may be.
    for (name, value) in presented(token, proof).into_iter().flatten() {
        headers.insert(name, value);
    }
}

/// The headers that a token is presented in (RFC 6750 §2.1, RFC 9449 §7.1).
pub(crate) fn presented(
    token: &TokenSet,
    proof: Option<&Secret>,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    let scheme = token.token_type.scheme();
    let authorization = format!("{scheme} {}", token.access_token.expose_secret());
    let mut headers = vec![(AUTHORIZATION, sensitive(authorization)?)];
    if let Some(proof) = proof {
        headers.push((DPOP, sensitive(proof.expose_secret().to_owned())?));
    }
    Ok(headers)
}

/// A header value that nobody logs.
pub(crate) fn sensitive(text: String) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::try_from(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a proof stands in (RFC 9449 §4.1).
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
