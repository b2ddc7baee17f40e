//! What a provider says of itself (OpenID Connect Discovery §3, and the members of the logout specifications).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use hallpass_grant::{Endpoint, Error, Issuer, Misuse, ServerMetadata, Violation};
use hallpass_token::{Json, Members};

/// An OpenID provider: an authorization server with what OpenID Connect adds.
///
/// Cheap to clone. It serialises as the [`ServerMetadata`] it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ServerMetadata", into = "ServerMetadata")]
pub struct ProviderMetadata {
    server: Arc<ServerMetadata>,
    issuer: Issuer,
    openid: Arc<OpenId>,
}

/// The members that OpenID Connect adds.
#[derive(Debug, PartialEq)]
struct OpenId {
    jwks_uri: Option<Endpoint>,
    userinfo_endpoint: Option<Endpoint>,
    end_session_endpoint: Option<Endpoint>,
    check_session_iframe: Option<Endpoint>,
    response_types_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    frontchannel_logout_supported: bool,
    backchannel_logout_supported: bool,
}

impl ProviderMetadata {
    /// Takes what a server says of itself, or what was written by hand for one: then the members that OpenID Connect adds stand in
    /// its `extra`.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when it has no issuer; [`Violation::Metadata`] for a member that cannot be used.
    pub fn new(server: impl Into<Arc<ServerMetadata>>) -> Result<Self, Error> {
        let server = server.into();
        let issuer = server.issuer.clone().ok_or(Misuse::Missing("issuer"))?;
        let members = &server.extra;
        let openid = OpenId {
            jwks_uri: endpoint(&issuer, members, "jwks_uri")?,
            userinfo_endpoint: endpoint(&issuer, members, "userinfo_endpoint")?,
            end_session_endpoint: endpoint(&issuer, members, "end_session_endpoint")?,
            check_session_iframe: endpoint(&issuer, members, "check_session_iframe")?,
            response_types_supported: texts(members, "response_types_supported")?,
            id_token_signing_alg_values_supported: texts(
                members,
                "id_token_signing_alg_values_supported",
            )?,
            claims_parameter_supported: flag(members, "claims_parameter_supported", false)?,
            request_parameter_supported: flag(members, "request_parameter_supported", false)?,
            request_uri_parameter_supported: flag(
                members,
                "request_uri_parameter_supported",
                true,
            )?,
            frontchannel_logout_supported: flag(members, "frontchannel_logout_supported", false)?,
            backchannel_logout_supported: flag(members, "backchannel_logout_supported", false)?,
        };
        Ok(Self {
            server,
            issuer,
            openid: Arc::new(openid),
        })
    }

    /// The same provider as a client sees it that shows a certificate (RFC 8705 §5): UserInfo and the rest are asked for at its aliases,
    /// where it has any.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn for_mutual_tls(&self) -> Result<Self, Error> {
        Self::new(self.server.for_mutual_tls())
    }

    /// The authorization server that the provider is.
    pub fn server(&self) -> &Arc<ServerMetadata> {
        &self.server
    }

    /// Who the provider is.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Where its keys are.
    pub fn jwks_uri(&self) -> Option<&Endpoint> {
        self.openid.jwks_uri.as_ref()
    }

    /// Where claims about the user are asked for (OpenID Connect Core §5.3).
    pub fn userinfo_endpoint(&self) -> Option<&Endpoint> {
        self.openid.userinfo_endpoint.as_ref()
    }

    /// Where the user agent is sent to log out (OpenID Connect RP-Initiated Logout §2.1).
    pub fn end_session_endpoint(&self) -> Option<&Endpoint> {
        self.openid.end_session_endpoint.as_ref()
    }

    /// The page that tells whether the user's session at the provider has changed (OpenID Connect Session Management §3.3).
    pub fn check_session_iframe(&self) -> Option<&Endpoint> {
        self.openid.check_session_iframe.as_ref()
    }

    /// `response_types_supported`; `None`: the provider does not say.
    pub fn response_types_supported(&self) -> Option<&[String]> {
        self.openid.response_types_supported.as_deref()
    }

    /// `id_token_signing_alg_values_supported`; `None`: the provider does not say.
    pub fn id_token_signing_alg_values_supported(&self) -> Option<&[String]> {
        let supported = &self.openid.id_token_signing_alg_values_supported;
        supported.as_deref()
    }

    /// Whether it reads the parameter `claims` (OpenID Connect Core §5.5).
    pub fn claims_parameter_supported(&self) -> bool {
        self.openid.claims_parameter_supported
    }

    /// Whether it reads request objects in the request itself (OpenID Connect Core §6.1).
    pub fn request_parameter_supported(&self) -> bool {
        self.openid.request_parameter_supported
    }

    /// Whether it fetches request objects (OpenID Connect Core §6.2). It does unless it says that it does not.
    pub fn request_uri_parameter_supported(&self) -> bool {
        self.openid.request_uri_parameter_supported
    }

    /// Whether it tells of a logout through the user agent (OpenID Connect Front-Channel Logout §3).
    pub fn frontchannel_logout_supported(&self) -> bool {
        self.openid.frontchannel_logout_supported
    }

    /// Whether it tells of a logout by a request of its own (OpenID Connect Back-Channel Logout §2.1).
    pub fn backchannel_logout_supported(&self) -> bool {
        self.openid.backchannel_logout_supported
    }
}

impl TryFrom<ServerMetadata> for ProviderMetadata {
    type Error = Error;

    fn try_from(server: ServerMetadata) -> Result<Self, Error> {
        Self::new(server)
    }
}

impl From<ProviderMetadata> for ServerMetadata {
    fn from(provider: ProviderMetadata) -> Self {
        Arc::unwrap_or_clone(provider.server)
    }
}

fn endpoint(
    issuer: &Issuer,
    members: &Members,
    name: &'static str,
) -> Result<Option<Endpoint>, Error> {
    let invalid = |error| Error::from(Violation::Metadata(name)).with_source(error);
    match members.value(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => {
            let teller = Endpoint::new(issuer.as_str()).map_err(invalid)?;
            Endpoint::told_by(&teller, text).map(Some).map_err(invalid)
        }
        Some(_) => Err(Violation::Metadata(name).into()),
    }
}

fn texts(members: &Members, name: &'static str) -> Result<Option<Vec<String>>, Error> {
    match members.value(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Array(values)) => {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            let texts: Option<Vec<String>> = texts.collect();
            texts.map(Some).ok_or(Violation::Metadata(name).into())
        }
        Some(_) => Err(Violation::Metadata(name).into()),
    }
}

fn flag(members: &Members, name: &'static str, absent: bool) -> Result<bool, Error> {
    match members.value(name) {
        None | Some(Json::Null) => Ok(absent),
        Some(Json::Bool(value)) => Ok(*value),
        Some(_) => Err(Violation::Metadata(name).into()),
    }
}
