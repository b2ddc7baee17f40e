//! What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3), as plain data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::{Json, Members};

use crate::shown::neutralized;
use crate::{Endpoint, Error, InvalidEndpoint, IssuerComparison, Violation};

/// The only method of RFC 7636: `plain` would show the verifier to whoever sees the authorization request.
pub(crate) const PKCE_METHOD: &str = "S256";

/// An authorization server: where its endpoints are and what it can do.
///
/// Read from its metadata document, or written by hand for servers that have none:
///
/// ```
/// # use hallpass_grant::{Endpoint, ServerMetadata};
/// # fn main() -> Result<(), hallpass_grant::InvalidEndpoint> {
/// let server = ServerMetadata::default()
///     .with_authorization_endpoint(Endpoint::new("https://as.example/oauth/authorize")?)
///     .with_token_endpoint(Endpoint::new("https://as.example/oauth/token")?);
/// # Ok(()) }
/// ```
/// `Deserialize` is for what this type itself has written, or a file of the application's own: only [`read`](Self::read) and
/// [`Discovery`](crate::Discovery) check what a server sends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// Who the server is. Without it a response's `iss` cannot be checked.
    pub issuer: Option<Issuer>,
    /// Where the user agent is sent.
    pub authorization_endpoint: Option<Endpoint>,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Option<Endpoint>,
    /// Where a device asks for a user code (RFC 8628 §4).
    pub device_authorization_endpoint: Option<Endpoint>,
    /// Where tokens are taken back (RFC 7009).
    pub revocation_endpoint: Option<Endpoint>,
    /// Where a resource server asks about a token (RFC 7662).
    pub introspection_endpoint: Option<Endpoint>,
    /// Where clients are registered (RFC 7591).
    pub registration_endpoint: Option<Endpoint>,
    /// Where authorization requests are pushed (RFC 9126 §5).
    pub pushed_authorization_request_endpoint: Option<Endpoint>,
    /// Whether the server takes pushed authorization requests alone (RFC 9126 §5).
    pub require_pushed_authorization_requests: bool,
    /// `dpop_signing_alg_values_supported`; `None`: the server does not say (RFC 9449 §5.1).
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
    /// `code_challenge_methods_supported`; `None`: the server does not say.
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`; `None`: the server does not say.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// `scopes_supported`; `None`: the server does not say.
    pub scopes_supported: Option<Vec<String>>,
    /// Whether every authorization response carries `iss` (RFC 9207 §3).
    pub authorization_response_iss_parameter_supported: bool,
    /// Where the same endpoints ask for a client's certificate, by the names of their members (RFC 8705 §5).
    pub mtls_endpoint_aliases: BTreeMap<String, Endpoint>,
    /// Every other member of the document, as it came.
    pub extra: Members,
    /// Whether the aliases stand in the place of the endpoints.
    #[serde(skip)]
    pub(crate) is_for_mutual_tls: bool,
}

impl ServerMetadata {
    /// The same server with its issuer.
    #[must_use]
    pub fn with_issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// The same server with its authorization endpoint.
    #[must_use]
    pub fn with_authorization_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.authorization_endpoint = Some(endpoint);
        self
    }

    /// The same server with its token endpoint.
    #[must_use]
    pub fn with_token_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.token_endpoint = Some(endpoint);
        self
    }

    /// The same server with its device authorization endpoint.
    #[must_use]
    pub fn with_device_authorization_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.device_authorization_endpoint = Some(endpoint);
        self
    }

    /// The same server with its revocation endpoint.
    #[must_use]
    pub fn with_revocation_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.revocation_endpoint = Some(endpoint);
        self
    }

    /// The same server with its introspection endpoint.
    #[must_use]
    pub fn with_introspection_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.introspection_endpoint = Some(endpoint);
        self
    }

    /// The same server with its registration endpoint.
    #[must_use]
    pub fn with_registration_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.registration_endpoint = Some(endpoint);
        self
    }

    /// The same server with its pushed authorization request endpoint.
    #[must_use]
    pub fn with_pushed_authorization_request_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.pushed_authorization_request_endpoint = Some(endpoint);
        self
    }

    /// Reads a metadata document.
    ///
    /// # Errors
    /// [`Violation::MetadataIssuer`] unless its issuer is the one given, character by character (RFC 8414 §3.3);
    /// [`Violation::Metadata`] for an endpoint that is not `https`, has user info or a fragment in it, or is on this machine though the
    /// issuer is not.
    pub fn read(document: &[u8], issuer: &Issuer) -> Result<Self, Error> {
        let members = Members::read(document).map_err(Violation::from)?;
        Self::from_members(members, issuer, IssuerComparison::Exact)
    }

    pub(crate) fn from_members(
        mut members: Members,
        issuer: &Issuer,
        comparison: IssuerComparison,
    ) -> Result<Self, Error> {
        let own = members.remove("issuer");
        let own = own.as_ref().and_then(Json::as_str).unwrap_or("");
        if !comparison.is_same(own, issuer.as_str()) {
            let both = format!("asked for `{issuer}`, it says `{}`", neutralized(own));
            return Err(Error::from(Violation::MetadataIssuer).with_source(both));
        }
        Ok(Self {
            issuer: Some(issuer.clone()),
            authorization_endpoint: endpoint(issuer, &mut members, "authorization_endpoint")?,
            token_endpoint: endpoint(issuer, &mut members, "token_endpoint")?,
            device_authorization_endpoint: endpoint(
                issuer,
                &mut members,
                "device_authorization_endpoint",
            )?,
            revocation_endpoint: endpoint(issuer, &mut members, "revocation_endpoint")?,
            introspection_endpoint: endpoint(issuer, &mut members, "introspection_endpoint")?,
            registration_endpoint: endpoint(issuer, &mut members, "registration_endpoint")?,
            pushed_authorization_request_endpoint: endpoint(
                issuer,
                &mut members,
                "pushed_authorization_request_endpoint",
            )?,
            require_pushed_authorization_requests: flag(
                &mut members,
                "require_pushed_authorization_requests",
            )?,
            dpop_signing_alg_values_supported: texts(
                &mut members,
                "dpop_signing_alg_values_supported",
            )?,
            code_challenge_methods_supported: texts(
                &mut members,
                "code_challenge_methods_supported",
            )?,
            token_endpoint_auth_methods_supported: texts(
                &mut members,
                "token_endpoint_auth_methods_supported",
            )?,
            scopes_supported: texts(&mut members, "scopes_supported")?,
            authorization_response_iss_parameter_supported: flag(
                &mut members,
                "authorization_response_iss_parameter_supported",
            )?,
            mtls_endpoint_aliases: aliases(issuer, &mut members)?,
            extra: members,
            is_for_mutual_tls: false,
        })
    }

    /// The same server as a client sees it that shows a certificate: its aliases in the place of its endpoints, wherever it has one
    /// (RFC 8705 §5). Those that a user agent is sent to stay as they are.
    #[must_use]
    pub fn for_mutual_tls(&self) -> Self {
        let mut server = self.clone();
        for (name, alias) in &self.mtls_endpoint_aliases {
            let endpoint = match name.as_str() {
                "token_endpoint" => &mut server.token_endpoint,
                "device_authorization_endpoint" => &mut server.device_authorization_endpoint,
                "revocation_endpoint" => &mut server.revocation_endpoint,
                "introspection_endpoint" => &mut server.introspection_endpoint,
                "registration_endpoint" => &mut server.registration_endpoint,
                "pushed_authorization_request_endpoint" => {
                    &mut server.pushed_authorization_request_endpoint
                }
                _ => {
                    let alias = Json::String(alias.as_str().to_owned());
                    server.extra.insert(name.clone(), alias);
                    continue;
                }
            };
            *endpoint = Some(alias.clone());
        }
        server.is_for_mutual_tls = true;
        server
    }

    /// Whether it is seen as [`for_mutual_tls`](Self::for_mutual_tls) has it.
    pub fn is_for_mutual_tls(&self) -> bool {
        self.is_for_mutual_tls
    }

    /// A server that does not say which methods it has is asked for S256 all the same (RFC 7636 §5).
    pub(crate) fn offers_s256(&self) -> bool {
        let methods = self.code_challenge_methods_supported.as_deref();
        methods.is_none_or(|methods| methods.iter().any(|method| method == PKCE_METHOD))
    }
}

/// Who an authorization server is: an address without a query (RFC 8414 §2), compared character by character.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Issuer(Endpoint);

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] says which rule the text breaks.
    pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidEndpoint> {
        let endpoint = Endpoint::new(text)?;
        match endpoint.query() {
            Some(_) => Err(InvalidEndpoint::Query),
            None => Ok(Self(endpoint)),
        }
    }

    /// The issuer as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Where RFC 8414 §3.1 puts the metadata: between host and path.
    ///
    /// # Errors
    /// [`Misuse::Invalid`](crate::Misuse::Invalid) when that address would be too long.
    pub fn oauth_metadata(&self) -> Result<Endpoint, Error> {
        let origin = self.0.origin();
        let path = self.as_str()[origin.len()..].trim_end_matches('/');
        self.well_known(format!(
            "{origin}/.well-known/oauth-authorization-server{path}"
        ))
    }

    /// Where OpenID Connect Discovery §4.1 puts it: behind the path.
    ///
    /// # Errors
    /// [`Misuse::Invalid`](crate::Misuse::Invalid) when that address would be too long.
    pub fn openid_metadata(&self) -> Result<Endpoint, Error> {
        let issuer = self.as_str().trim_end_matches('/');
        self.well_known(format!("{issuer}/.well-known/openid-configuration"))
    }

    fn well_known(&self, address: String) -> Result<Endpoint, Error> {
        let invalid = |_| crate::Misuse::Invalid {
            field: "issuer",
            reason: "its metadata address would be too long",
        };
        Endpoint::new(address).map_err(|error| invalid(error).into())
    }
}

impl AsRef<str> for Issuer {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.as_str())
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn endpoint(
    issuer: &Issuer,
    members: &mut Members,
    name: &'static str,
) -> Result<Option<Endpoint>, Error> {
    endpoint_at(issuer, members, name, name)
}

/// An endpoint; `shown` is what an error calls it.
fn endpoint_at(
    issuer: &Issuer,
    members: &mut Members,
    name: &str,
    shown: &'static str,
) -> Result<Option<Endpoint>, Error> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => match Endpoint::told_by(&issuer.0, text) {
            Ok(endpoint) => Ok(Some(endpoint)),
            Err(invalid) => Err(Error::from(Violation::Metadata(shown)).with_source(invalid)),
        },
        Some(_) => Err(Violation::Metadata(shown).into()),
    }
}

/// The aliases of endpoints; what is none, and what only a user agent is sent to, is left out.
fn aliases(issuer: &Issuer, members: &mut Members) -> Result<BTreeMap<String, Endpoint>, Error> {
    const NAME: &str = "mtls_endpoint_aliases";
    let mut own = match members.remove(NAME) {
        None | Some(Json::Null) => return Ok(BTreeMap::new()),
        Some(Json::Object(own)) => own,
        Some(_) => return Err(Violation::Metadata(NAME).into()),
    };
    let names: Vec<String> = own.iter().map(|(name, _)| name.to_owned()).collect();
    let mut aliases = BTreeMap::new();
    for name in names.into_iter().filter(|name| is_called(name)) {
        let alias = endpoint_at(issuer, &mut own, &name, NAME)?;
        aliases.extend(alias.map(|alias| (name, alias)));
    }
    Ok(aliases)
}

/// Whether it is an endpoint, and one that a client calls itself.
fn is_called(name: &str) -> bool {
    let by_user_agent = ["authorization_endpoint", "end_session_endpoint"];
    name.ends_with("_endpoint") && !by_user_agent.contains(&name)
}

fn texts(members: &mut Members, name: &'static str) -> Result<Option<Vec<String>>, Error> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Array(values)) => {
            let texts = values.into_iter().map(|value| match value {
                Json::String(text) => Ok(text),
                _ => Err(Violation::Metadata(name).into()),
            });
            texts.collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(Violation::Metadata(name).into()),
    }
}

fn flag(members: &mut Members, name: &'static str) -> Result<bool, Error> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(value)) => Ok(value),
        Some(_) => Err(Violation::Metadata(name).into()),
    }
}
