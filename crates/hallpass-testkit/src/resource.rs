//! Protected resources: what the tokens are for (RFC 6750, RFC 9449 §7).

use crate::{
    AuthorizationServer, Endpoint, Request, Response,
    dpop::ProofError,
    json,
    ledger::{AccessToken, Grant},
};

impl AuthorizationServer {
    pub(crate) fn resource(&mut self, request: &Request, now: u64) -> Response {
        match self.try_resource(request, now) {
            Ok(response) => response,
            Err(refusal) => refusal.response(),
        }
    }

    fn try_resource(&mut self, request: &Request, now: u64) -> Result<Response, Refusal> {
        let (token, grant, scheme) = self.token_of(Endpoint::Resource, request, now)?;
        let message = message(request, &token, scheme)?;
        let members = [
            ("sub", grant.subject.as_str()),
            ("scope", &token.access.scopes.join(" ")),
            ("message", message),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), json::text(value)));
        Ok(Response::json(200, json::object(&members)).header("Cache-Control", "no-store"))
    }

    /// The token that a request carries, and its grant, if both are good and the key it is bound to is proven.
    pub(crate) fn token_of(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        now: u64,
    ) -> Result<(AccessToken, Grant, Scheme), Refusal> {
        let is_token = |(name, _): &(String, String)| name == "access_token";
        if request.query_parameters().iter().any(is_token) {
            return Err(Refusal::new(
                Scheme::Bearer,
                "invalid_request",
                "the token stands in the URL",
            ));
        }
        let sent = request.header("authorization").and_then(Scheme::read);
        let (scheme, text) = sent.ok_or(Refusal::Silent)?;
        let invalid = |description| Refusal::new(scheme, "invalid_token", description);
        let key = match scheme {
            Scheme::Bearer => None,
            Scheme::Dpop => {
                let key = self.prove(endpoint, request, Some(text), now);
                let none = || ProofError::Invalid("the request has no DPoP proof");
                Some(key.and_then(|key| key.ok_or_else(none))?)
            }
        };
        let (token, grant) = self
            .ledger
            .access(text, now)
            .ok_or_else(|| invalid("unknown, expired or revoked"))?;
        match (&token.key, &key) {
            (None, None) => {}
            (Some(bound_to), Some(key)) if bound_to == key => {}
            (Some(_), Some(_)) => return Err(invalid("the token is bound to another key")),
            (Some(_), None) => return Err(invalid("the token is bound to a key")),
            (None, Some(_)) => return Err(invalid("the token is not bound to a key")),
        }
        Ok((token.clone(), grant.clone(), scheme))
    }
}

/// What the resource says, if the token may see it.
fn message(
    request: &Request,
    token: &AccessToken,
    scheme: Scheme,
) -> Result<&'static str, Refusal> {
    let (needed, message) = match (request.path(), request.method.as_str()) {
        ("/resource/pets", "POST") => ("write:pets", "Your pet is here now."),
        ("/resource/pets", _) => ("read:pets", "Your pets: Rex, Mia."),
        ("/resource/files", _) => ("file_requests.read", "Your files: notes.txt."),
        _ => return Ok("Hello."),
    };
    let is_granted = token.access.scopes.iter().any(|scope| scope == needed);
    is_granted
        .then_some(message)
        .ok_or(Refusal::Scope { scheme, needed })
}

/// How a token is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    Bearer,
    Dpop,
}

impl Scheme {
    fn read(header: &str) -> Option<(Self, &str)> {
        let (scheme, token) = header.split_once(' ')?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Self::Bearer,
            "dpop" => Self::Dpop,
            _ => return None,
        };
        Some((scheme, token.trim_start_matches(' ')))
    }

    fn challenge(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer realm=\"testkit\"",
            Self::Dpop => "DPoP algs=\"ES256\"",
        }
    }
}

/// Why a token is not taken.
pub(crate) enum Refusal {
    /// Nothing is wrong with a token, since none came.
    Silent,
    Error {
        scheme: Scheme,
        error: &'static str,
        description: &'static str,
    },
    Scope {
        scheme: Scheme,
        needed: &'static str,
    },
}

impl Refusal {
    fn new(scheme: Scheme, error: &'static str, description: &'static str) -> Self {
        Self::Error {
            scheme,
            error,
            description,
        }
    }

    pub(crate) fn response(&self) -> Response {
        let (status, challenge) = match self {
            Self::Silent => (401, Scheme::Bearer.challenge().to_owned()),
            Self::Error {
                scheme,
                error,
                description,
            } => {
                let status = if *error == "invalid_request" {
                    400
                } else {
                    401
                };
                let scheme = scheme.challenge();
                let challenge =
                    format!("{scheme}, error=\"{error}\", error_description=\"{description}\"");
                (status, challenge)
            }
            Self::Scope { scheme, needed } => {
                let scheme = scheme.challenge();
                let challenge =
                    format!("{scheme}, error=\"insufficient_scope\", scope=\"{needed}\"");
                (403, challenge)
            }
        };
        Response::json(status, "{}")
            .header("WWW-Authenticate", challenge)
            .header("Cache-Control", "no-store")
    }
}

impl From<ProofError> for Refusal {
    fn from(error: ProofError) -> Self {
        Self::new(Scheme::Dpop, error.error(), error.description())
    }
}
