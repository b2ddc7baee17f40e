//! What a client says of itself when it registers (RFC 7591 §2).

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_token::{Json, Members, Scopes};

use crate::token_answer::text;
use crate::{Error, Violation};

/// What a client says of itself when it registers, and what a server has made of it (RFC 7591 §2).
///
/// ```
/// # use hallpass_grant::ClientMetadata;
/// let metadata = ClientMetadata::new()
///     .with_name("My tool")
///     .with_redirect_uri("http://127.0.0.1/callback")
///     .with_authentication_method("none");
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClientMetadata {
    /// Where user agents may be sent back to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// The one way in which the client proves itself: `none`, `client_secret_basic`, `client_secret_post`, `client_secret_jwt`,
    /// `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth`. `None`: the server decides, and `client_secret_basic` is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// The grants it uses; empty means the authorization code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_types: Vec<String>,
    /// The response types it uses; empty means `code`, or none where no grant begins at the authorization endpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_types: Vec<String>,
    /// A name to show to users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The scopes it may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scopes>,
    /// Every other member: `client_uri`, `logo_uri`, `contacts`, `jwks`, `software_id`, and whatever else servers know.
    #[serde(flatten)]
    pub extra: Members,
}

impl ClientMetadata {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a name to show to users.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = Some(name.into());
        self
    }

    /// With one more redirect URI.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uris.push(redirect_uri.into());
        self
    }

    /// With how the client proves itself ([`token_endpoint_auth_method`](Self::token_endpoint_auth_method)).
    #[must_use]
    pub fn with_authentication_method(mut self, method: impl Into<String>) -> Self {
        self.token_endpoint_auth_method = Some(method.into());
        self
    }

    /// With one more grant: `authorization_code`, `refresh_token`, `client_credentials`, `implicit`, …
    #[must_use]
    pub fn with_grant_type(mut self, grant_type: impl Into<String>) -> Self {
        self.grant_types.push(grant_type.into());
        self
    }

    /// With one more response type: `code`, `token`, …
    #[must_use]
    pub fn with_response_type(mut self, response_type: impl Into<String>) -> Self {
        self.response_types.push(response_type.into());
        self
    }

    /// With the scopes it may ask for.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scope = Some(scopes.into());
        self
    }

    /// With any other member; one that has a field of its own is sent in its place.
    #[must_use]
    pub fn with_member(mut self, name: impl Into<String>, value: Json) -> Self {
        self.extra.insert(name, value);
        self
    }

    /// The members as JSON, for this client if it is known already (RFC 7592 §2.2).
    pub(super) fn document(&self, client: Option<(&str, Option<&str>)>) -> String {
        let mut typed = self.clone();
        let extra = std::mem::take(&mut typed.extra);
        // What these structures write is read again without fail; a server refuses what is empty.
        let typed = serde_json::to_vec(&typed).unwrap_or_default();
        let mut document = Members::read(&typed).unwrap_or_default();
        for (name, value) in extra.iter() {
            document.insert(name, value.clone());
        }
        if self.has_no_response_type() {
            document.insert("response_types", Json::Array(Vec::new()));
        }
        if let Some((id, secret)) = client {
            document.insert("client_id", Json::String(id.to_owned()));
            if let Some(secret) = secret {
                document.insert("client_secret", Json::String(secret.to_owned()));
            }
        }
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// RFC 7591 §2.1: what is left out means `code`, which a client of no such grant must not have.
    fn has_no_response_type(&self) -> bool {
        let redirects =
            |grant: &String| matches!(grant.as_str(), "authorization_code" | "implicit");
        let (grants, types) = (&self.grant_types, &self.response_types);
        types.is_empty()
            && !grants.is_empty()
            && !grants.iter().any(redirects)
            && self.extra.value("response_types").is_none()
    }

    /// Reads what a server answered; `null` counts as absent.
    pub(super) fn read(mut members: Members) -> Result<Self, Error> {
        Ok(Self {
            redirect_uris: texts(&mut members, "redirect_uris")?,
            token_endpoint_auth_method: text(&mut members, "token_endpoint_auth_method")?,
            grant_types: texts(&mut members, "grant_types")?,
            response_types: texts(&mut members, "response_types")?,
            client_name: text(&mut members, "client_name")?,
            scope: match text(&mut members, "scope")? {
                Some(scope) => Some(Scopes::parse(&scope).map_err(|_| {
                    Violation::Malformed("scope has a character no scope may have")
                })?),
                None => None,
            },
            extra: members,
        })
    }
}

/// Shows no query.
impl fmt::Debug for ClientMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.redirect_uris.iter();
        let paths: Vec<_> = paths.map(|uri| uri.split(['?', '#']).next()).collect();
        f.debug_struct("ClientMetadata")
            .field("redirect_uris", &paths)
            .field(
                "token_endpoint_auth_method",
                &self.token_endpoint_auth_method,
            )
            .field("grant_types", &self.grant_types)
            .field("response_types", &self.response_types)
            .field("client_name", &self.client_name)
            .field("scope", &self.scope)
            .field("extra", &self.extra)
            .finish()
    }
}

fn texts(members: &mut Members, name: &str) -> Result<Vec<String>, Error> {
    let refused = Violation::Malformed("a member that must be a list of texts is not one");
    match members.remove(name) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(values)) => {
            let texts = values.into_iter().map(|value| match value {
                Json::String(text) => Some(text),
                _ => None,
            });
            Ok(texts.collect::<Option<_>>().ok_or(refused)?)
        }
        Some(_) => Err(refused.into()),
    }
}
