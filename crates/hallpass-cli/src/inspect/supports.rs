//! What a server supports, by its own account.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{flag, texts};

/// What a server supports, by its own account: one line for each feature, in the same order for every server.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Supports(Vec<Feature>);

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Feature {
    /// What it is called.
    pub name: &'static str,
    /// Where it is specified.
    pub specification: &'static str,
    /// The server's words: values of a list, an address, `yes`. Empty: it does not say, or says no.
    pub values: Vec<String>,
}

/// How the server says that it has a feature.
enum Said {
    /// With a list of texts.
    List(&'static str),
    /// With an address.
    Address(&'static str),
    /// With `true`, and the word for that.
    Flag(&'static str, &'static str),
}

use Said::{Address, Flag, List};

const FEATURES: &[(&str, &str, &[Said])] = &[
    ("grants", "RFC 6749", &[List("grant_types_supported")]),
    (
        "response types",
        "RFC 6749 §3.1.1",
        &[List("response_types_supported")],
    ),
    (
        "response modes",
        "OAuth 2.0 Multiple Response Types",
        &[List("response_modes_supported")],
    ),
    (
        "PKCE",
        "RFC 7636",
        &[List("code_challenge_methods_supported")],
    ),
    (
        "client authentication",
        "RFC 6749 §2.3",
        &[List("token_endpoint_auth_methods_supported")],
    ),
    ("scopes", "RFC 6749 §3.3", &[List("scopes_supported")]),
    (
        "authorization",
        "RFC 6749 §3.1",
        &[Address("authorization_endpoint")],
    ),
    ("token", "RFC 6749 §3.2", &[Address("token_endpoint")]),
    (
        "device",
        "RFC 8628",
        &[Address("device_authorization_endpoint")],
    ),
    ("revocation", "RFC 7009", &[Address("revocation_endpoint")]),
    (
        "introspection",
        "RFC 7662",
        &[Address("introspection_endpoint")],
    ),
    (
        "registration",
        "RFC 7591",
        &[Address("registration_endpoint")],
    ),
    (
        "pushed requests",
        "RFC 9126",
        &[
            Address("pushed_authorization_request_endpoint"),
            Flag("require_pushed_authorization_requests", "required"),
        ],
    ),
    (
        "iss in responses",
        "RFC 9207",
        &[Flag(
            "authorization_response_iss_parameter_supported",
            "yes",
        )],
    ),
    (
        "DPoP",
        "RFC 9449",
        &[List("dpop_signing_alg_values_supported")],
    ),
    (
        "mutual TLS",
        "RFC 8705",
        &[Flag("tls_client_certificate_bound_access_tokens", "yes")],
    ),
    (
        "JWT responses",
        "JARM",
        &[List("authorization_signing_alg_values_supported")],
    ),
    (
        "ID tokens",
        "OpenID Connect Core §2",
        &[List("id_token_signing_alg_values_supported")],
    ),
    (
        "UserInfo",
        "OpenID Connect Core §5.3",
        &[Address("userinfo_endpoint")],
    ),
    (
        "logout",
        "OpenID Connect RP-Initiated Logout",
        &[Address("end_session_endpoint")],
    ),
    ("keys", "RFC 7517", &[Address("jwks_uri")]),
];

impl Supports {
    /// Reads what the metadata says.
    pub fn of(metadata: &Map<String, Value>) -> Self {
        let feature =
            |(name, specification, said): &(&'static str, &'static str, &[Said])| Feature {
                name,
                specification,
                values: said.iter().flat_map(|said| said.values(metadata)).collect(),
            };
        Self(FEATURES.iter().map(feature).collect())
    }

    /// Each feature, supported or not.
    pub fn features(&self) -> &[Feature] {
        &self.0
    }
}

impl Said {
    fn values(&self, metadata: &Map<String, Value>) -> Vec<String> {
        match self {
            List(name) => {
                let texts = texts(metadata, name).unwrap_or_default();
                texts.into_iter().map(str::to_owned).collect()
            }
            Address(name) => {
                let address = metadata.get(*name).and_then(Value::as_str);
                address.map(str::to_owned).into_iter().collect()
            }
            Flag(name, word) if flag(metadata, name) => vec![(*word).to_owned()],
            Flag(..) => Vec::new(),
        }
    }
}
