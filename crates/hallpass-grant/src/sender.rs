//! Who sends a call, and what proves it.

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::Secret;

use crate::assertion::CLIENT_ASSERTION_TYPE;
use crate::client_authentication::basic;
use crate::form::encoded;
use crate::{
    Assertion, AssertionAudience, BasicEncoding, Client, ClientAuthentication, Endpoint, Error,
    Signatory,
};

/// Who sends a call, and what proves it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Sender {
    Public {
        id: String,
    },
    Basic {
        id: String,
        secret: Secret,
        encoding: BasicEncoding,
    },
    Post {
        id: String,
        secret: Secret,
    },
    Asserted {
        id: String,
        assertion: Box<Assertion>,
    },
    /// A client that its certificate proves: it is named, and nothing more is said.
    MutualTls {
        id: String,
    },
    /// Somebody whom a token entitles (RFC 7591 §3, RFC 7592 §2).
    Bearer(Secret),
    Anybody,
}

impl Sender {
    pub(crate) fn client(client: &Client, endpoint: &Endpoint) -> Self {
        let id = client.id().to_owned();
        match client.authentication().clone() {
            ClientAuthentication::None => Self::Public { id },
            ClientAuthentication::Basic(secret) => Self::Basic {
                id,
                secret,
                encoding: client.profile().basic,
            },
            ClientAuthentication::Post(secret) => Self::Post { id, secret },
            ClientAuthentication::PrivateKeyJwt(key) => {
                Self::asserted(key.into(), id, audience(client, endpoint))
            }
            ClientAuthentication::SecretJwt(key) => {
                Self::asserted(key.into(), id, audience(client, endpoint))
            }
            ClientAuthentication::MutualTls => Self::MutualTls { id },
        }
    }

    fn asserted(signatory: Signatory, id: String, audience: String) -> Self {
        let assertion = Assertion::of_client(signatory, &id, audience).into();
        Self::Asserted { id, assertion }
    }

    /// What is signed to prove the client.
    pub(crate) fn assertion(&self) -> Option<&Assertion> {
        match self {
            Self::Asserted { assertion, .. } => Some(assertion),
            _ => None,
        }
    }

    /// What stands in the form.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Public { id } | Self::MutualTls { id } => vec![("client_id", id)],
            Self::Post { id, secret } => {
                vec![("client_id", id), ("client_secret", secret.expose_secret())]
            }
            Self::Asserted { id, .. } => vec![
                ("client_id", id),
                ("client_assertion_type", CLIENT_ASSERTION_TYPE),
            ],
            Self::Basic { .. } | Self::Bearer(_) | Self::Anybody => Vec::new(),
        }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<Secret> {
        match self {
            Self::Basic {
                id,
                secret,
                encoding,
            } => Some(basic(id, secret, *encoding)),
            Self::Bearer(token) => Some(format!("Bearer {}", token.expose_secret()).into()),
            _ => None,
        }
    }

    /// What of it only the two sides may know.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Basic { secret, .. } | Self::Post { secret, .. } | Self::Bearer(secret) => {
                Some(secret)
            }
            Self::Asserted { assertion, .. } => match assertion.signatory() {
                Signatory::Secret(key) => Some(key.secret()),
                Signatory::Key(_) => None,
            },
            Self::Public { .. } | Self::MutualTls { .. } | Self::Anybody => None,
        }
    }

    /// The error with what may be behind it: a server that does not decode sees another secret than the client's.
    pub(crate) fn explained(&self, error: Error) -> Error {
        let is_changed = |text: &str| *encoded(text) != text;
        match self {
            Self::Basic {
                id,
                secret,
                encoding: BasicEncoding::Form,
            } if is_changed(id) || is_changed(secret.expose_secret()) => error.with_client_hint(
                "the id or secret has characters that form-encoding changes: if they are right, the server does not \
                 decode them, and needs a profile whose `basic` is `raw`, or the secret in the body",
            ),
            Self::Asserted { .. } => error.with_client_hint(
                "if the key or secret is the client's, the server may want its assertions addressed to something else: a profile's \
                 `assertion_audience` says to what",
            ),
            Self::MutualTls { .. } => error.with_client_hint(
                "the certificate is shown by the transport's TLS: it may have none, or the endpoint may not ask for one \
                 (a server names those that do in `mtls_endpoint_aliases`)",
            ),
            _ => error,
        }
    }
}

/// Whom an assertion of the client's is addressed to.
pub(crate) fn audience(client: &Client, endpoint: &Endpoint) -> String {
    let server = client.server();
    let issuer = server.issuer.as_ref().map(|issuer| issuer.as_str());
    let token_endpoint = server.token_endpoint.as_ref().map(Endpoint::as_str);
    let addressed = match client.profile().assertion_audience {
        AssertionAudience::Issuer => issuer,
        // Another endpoint may be another server's: an assertion for the token endpoint is shown to its own origin alone.
        AssertionAudience::TokenEndpoint => token_endpoint
            .filter(|_| shares_origin(server.token_endpoint.as_ref(), endpoint))
            .or(issuer),
    };
    addressed.unwrap_or(endpoint.as_str()).to_owned()
}

fn shares_origin(token_endpoint: Option<&Endpoint>, endpoint: &Endpoint) -> bool {
    token_endpoint.is_some_and(|own| own.origin() == endpoint.origin())
}

/// Shows ids alone.
impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public { id }
            | Self::Basic { id, .. }
            | Self::Post { id, .. }
            | Self::Asserted { id, .. }
            | Self::MutualTls { id } => write!(f, "client {id}"),
            Self::Bearer(_) => f.write_str("whoever holds the token"),
            Self::Anybody => f.write_str("anybody"),
        }
    }
}
