//! Authorization requests as a JWT, by value and by reference (OpenID Connect Core §6, RFC 9101).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    Algorithm, AuthorizationServer, Client,
    form::Parameters,
    jws::{self, Object},
};

/// By the addresses that clients name.
#[derive(Default)]
pub(crate) struct RequestObjects(BTreeMap<String, String>);

impl AuthorizationServer {
    /// Puts a request object where this `request_uri` leads, since the server fetches nothing itself; a `TestServer` does,
    /// where the address is `http` on a loopback IP.
    pub fn host_request_object(
        &mut self,
        request_uri: impl Into<String>,
        compact: impl Into<String>,
    ) {
        self.request_objects
            .0
            .insert(request_uri.into(), compact.into());
    }

    /// The parameters of a request with those of its request object, which count more. Without one they are as they were.
    pub(crate) fn open_request_object(
        &self,
        parameters: Parameters,
        now: u64,
    ) -> Result<Parameters, RequestObjectError> {
        let (value, reference) = (parameters.find("request"), parameters.find("request_uri"));
        let compact = match (value, reference) {
            (None, None) => return Ok(parameters),
            (Some(value), None) => value,
            (None, Some(uri)) => {
                let found = self.request_objects.0.get(uri);
                found.ok_or(RequestObjectError::Uri("nothing is at the request_uri"))?
            }
            (Some(_), Some(_)) => {
                let description = "the request has a request and a request_uri";
                return Err(RequestObjectError::Object(description));
            }
        };
        let id = parameters.find("client_id").unwrap_or_default();
        let client = self.config.find_client(id);
        let client = client.ok_or(RequestObjectError::Object("the client is unknown"))?;
        if let Some(uri) = reference {
            let registered = &client.openid.request_uris;
            // The hash behind it is new with each object (OpenID Connect Core §6.2).
            let address = uri.split('#').next().unwrap_or(uri);
            let is_known = |known: &String| known == uri || known == address;
            if !registered.is_empty() && !registered.iter().any(is_known) {
                return Err(RequestObjectError::Uri("the request_uri is not registered"));
            }
        }
        let claims = verify(client, compact).map_err(RequestObjectError::Object)?;
        self.check_claims(&claims, id, now)
            .map_err(RequestObjectError::Object)?;
        let merged = parameters.clone().without(&["request", "request_uri"]);
        let named = claims
            .iter()
            .filter(|(name, _)| !OWN_CLAIMS.contains(&name.as_str()));
        Ok(named.fold(merged, |merged, (name, value)| match value {
            Value::String(text) => merged.with(name, text),
            other => merged.with(name, &other.to_string()),
        }))
    }

    fn check_claims(&self, claims: &Object, client_id: &str, now: u64) -> Result<(), &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err("a request object has another in it");
        }
        if text("client_id").is_some_and(|id| id != client_id) {
            return Err("client_id of the request object is another client");
        }
        if claims.contains_key("iss") && text("iss") != Some(client_id) {
            return Err("iss of the request object is not the client");
        }
        let aud = claims.get("aud");
        let is_here = |aud: &Value| aud == self.issuer();
        let names_us = |aud: &Value| match aud {
            Value::Array(several) => several.iter().any(is_here),
            one => is_here(one),
        };
        if aud.is_some_and(|aud| !names_us(aud)) {
            return Err("aud of the request object is not this server");
        }
        let exp = claims.get("exp").map(Value::as_u64);
        if exp.is_some_and(|exp| exp.is_none_or(|exp| now >= exp)) {
            return Err("the request object has expired");
        }
        Ok(())
    }
}

/// Claims of the JWT itself, which are no parameters.
const OWN_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Why a request object is not taken.
#[derive(Debug)]
pub(crate) enum RequestObjectError {
    /// `invalid_request_object`.
    Object(&'static str),
    /// `invalid_request_uri`.
    Uri(&'static str),
}

impl RequestObjectError {
    pub(crate) fn told(&self) -> (&'static str, &'static str) {
        match self {
            Self::Object(description) => ("invalid_request_object", description),
            Self::Uri(description) => ("invalid_request_uri", description),
        }
    }
}

/// The claims, if the client has signed them as it has registered, or has registered nothing.
fn verify(client: &Client, compact: &str) -> Result<Object, &'static str> {
    let algorithm = jws::algorithm(compact).ok_or("the request object is no JWT")?;
    let registered = client.openid.request_object_algorithm;
    if registered.is_some_and(|registered| registered != algorithm) {
        return Err("the request object is signed by another algorithm than is registered");
    }
    let claims = match algorithm {
        Algorithm::None => jws::read_unsigned(compact),
        Algorithm::Hs256 => {
            let secret = client.secret();
            secret.and_then(|secret| jws::verify_hmac(compact, secret))
        }
        _ => client.keys().verify(compact),
    };
    claims.ok_or("the client has not signed the request object")
}

impl std::fmt::Debug for RequestObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RequestObjects")
            .field(&self.0.len())
            .finish()
    }
}
