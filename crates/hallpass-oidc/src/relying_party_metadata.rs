//! What a relying party says of itself when it registers (OpenID Connect Registration §2, and the members of the logout specifications).

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_grant::{ClientMetadata, Endpoint, Error, Misuse, Violation};
use hallpass_jose::{JwkSet, KeyError, SignatureAlgorithm};
use hallpass_token::{Json, Members};

use crate::{Fault, SessionRequirement};

/// What OpenID Connect adds to [`ClientMetadata`], by type.
///
/// ```
/// # use hallpass_grant::ClientMetadata;
/// # use hallpass_oidc::RelyingPartyMetadata;
/// # fn main() -> Result<(), hallpass_grant::Error> {
/// let mut relying_party = RelyingPartyMetadata::new();
/// relying_party.id_token_signed_response_alg = Some("ES256".to_owned());
/// relying_party.backchannel_logout_uri = Some("https://rp.example/backchannel".to_owned());
/// let metadata = ClientMetadata::new().with_redirect_uri("https://rp.example/callback");
/// let metadata = relying_party.join(metadata)?;
/// # assert_eq!(RelyingPartyMetadata::of(&metadata)?, relying_party);
/// # Ok(()) }
/// ```
/// `Debug` shows the algorithms alone.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RelyingPartyMetadata {
    /// `web`, which is meant where nothing is said, or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    /// `public` or `pairwise`: whether `sub` is the same for every client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<String>,
    /// Where the redirect URIs of all clients stand that are to see the same pairwise `sub` (OpenID Connect Core §8.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Where this client's public keys are. Not beside `jwks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// This client's public keys, where they are nowhere. Not beside `jwks_uri`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Members>,
    /// How ID tokens and logout tokens are signed; RS256 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// How the key of encrypted ID tokens is had; they are not encrypted where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// How encrypted ID tokens are encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    /// How UserInfo is signed; it is plain JSON where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How the key of encrypted UserInfo is had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// How encrypted UserInfo is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,
    /// How this client signs request objects: the provider refuses any other. `none` is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// How this client gives the key of encrypted request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_alg: Option<String>,
    /// How this client encrypts request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_encryption_enc: Option<String>,
    /// How this client signs its assertions at the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// How many seconds ago a user may have logged in at most, where a request says nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Whether each ID token is to have `auth_time`.
    #[serde(skip_serializing_if = "is_default")]
    pub require_auth_time: bool,
    /// The `acr` values that are asked for, the best first, where a request says nothing else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where others begin a login: [`InitiatedLogin`](crate::InitiatedLogin).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Where request objects are fetched from; each may have the hash of what is there as its fragment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// Where a user agent may come back to after a logout.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// What the provider has in a frame to log out: [`FrontChannelLogout`](crate::FrontChannelLogout).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it must say which session is over.
    #[serde(skip_serializing_if = "is_default")]
    pub frontchannel_logout_session_required: bool,
    /// Where the provider posts logout tokens to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether they must say which session is over.
    #[serde(skip_serializing_if = "is_default")]
    pub backchannel_logout_session_required: bool,
}

impl RelyingPartyMetadata {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a client says of itself, with this: for `ServerMetadata::register`.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not `https` (`http` on this machine), for a `frontchannel_logout_uri` whose origin is that
    /// of no redirect URI, for `jwks` beside `jwks_uri`, and for `jwks` that is no set of keys or has a private or a symmetric one in it.
    pub fn join(&self, mut metadata: ClientMetadata) -> Result<ClientMetadata, Error> {
        self.check(&metadata.redirect_uris)?;
        metadata.extra = self.members().or(metadata.extra);
        match metadata.extra.value("jwks") {
            Some(keys) => check_keys(keys).map(|()| metadata),
            None => Ok(metadata),
        }
    }

    /// What a server has registered, as far as it says.
    ///
    /// # Errors
    /// [`Violation::Metadata`] for a member of the wrong type.
    pub fn of(metadata: &ClientMetadata) -> Result<Self, Error> {
        Self::from_members(known(&metadata.extra))
    }

    /// What is registered when this was asked for and that was answered: what the server says counts, and where it says nothing, what was
    /// asked for.
    ///
    /// # Errors
    /// [`Violation::Metadata`] for a member of the wrong type.
    pub fn answered(&self, answer: &ClientMetadata) -> Result<Self, Error> {
        Self::from_members(known(&answer.extra).or(self.members()))
    }

    /// The one algorithm that ID tokens and logout tokens may be signed with: RS256 where nothing is registered.
    ///
    /// # Errors
    /// [`Fault::Unsigned`] for `none`, [`Fault::UnexpectedAlgorithm`] for one that is not known here.
    pub fn id_token_algorithm(&self) -> Result<SignatureAlgorithm, Error> {
        let named = algorithm(self.id_token_signed_response_alg.as_deref())?;
        Ok(named.unwrap_or(SignatureAlgorithm::Rs256))
    }

    /// The one algorithm that UserInfo may be signed with. `None`: it is plain JSON.
    ///
    /// # Errors
    /// As for [`id_token_algorithm`](Self::id_token_algorithm).
    pub fn user_info_algorithm(&self) -> Result<Option<SignatureAlgorithm>, Error> {
        algorithm(self.userinfo_signed_response_alg.as_deref())
    }

    /// What a front-channel logout must say.
    pub fn front_channel_session(&self) -> SessionRequirement {
        self.frontchannel_logout_session_required.into()
    }

    /// What a logout token must say.
    pub fn back_channel_session(&self) -> SessionRequirement {
        self.backchannel_logout_session_required.into()
    }

    fn check(&self, redirect_uris: &[String]) -> Result<(), Error> {
        if self.jwks.is_some() && self.jwks_uri.is_some() {
            return invalid(
                "jwks",
                "jwks_uri says where the keys are: leave one of them out",
            );
        }
        for (field, uri) in [
            ("sector_identifier_uri", &self.sector_identifier_uri),
            ("jwks_uri", &self.jwks_uri),
            ("initiate_login_uri", &self.initiate_login_uri),
            ("frontchannel_logout_uri", &self.frontchannel_logout_uri),
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
        ] {
            if uri.as_ref().is_some_and(|uri| Endpoint::new(uri).is_err()) {
                return invalid(field, HTTPS);
            }
        }
        let without_hash = |uri: &String| uri.split('#').next().map(Endpoint::new);
        let is_bad = |uri: &String| !matches!(without_hash(uri), Some(Ok(_)));
        if self.request_uris.iter().any(is_bad) {
            return invalid("request_uris", HTTPS);
        }
        let origin = |uri: &String| Endpoint::new(uri).ok().map(|uri| uri.origin().to_owned());
        match &self.frontchannel_logout_uri {
            Some(uri) if !redirect_uris.iter().any(|own| origin(own) == origin(uri)) => invalid(
                "frontchannel_logout_uri",
                "it has the scheme, host and port of a redirect URI (OpenID Connect Front-Channel Logout section 2)",
            ),
            _ => Ok(()),
        }
    }

    fn members(&self) -> Members {
        // What this structure writes is read again without fail.
        let text = serde_json::to_vec(self).unwrap_or_default();
        Members::read(&text).unwrap_or_default()
    }

    fn from_members(members: Members) -> Result<Self, Error> {
        let decode = |members: Members| Json::Object(members).decode::<Self>();
        let Ok(read) = decode(members.clone()) else {
            let is_bad = |name: &&str| {
                let mut alone = Members::default();
                if let Some(value) = members.value(name) {
                    alone.insert(*name, value.clone());
                }
                decode(alone).is_err()
            };
            let name = NAMES.into_iter().find(is_bad).unwrap_or("jwks");
            return Err(Violation::Metadata(name).into());
        };
        Ok(read)
    }
}

/// Shows the algorithms alone: an address may have a secret in its query.
impl fmt::Debug for RelyingPartyMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingPartyMetadata")
            .field("id_token", &self.id_token_signed_response_alg)
            .field("userinfo", &self.userinfo_signed_response_alg)
            .field("request_object", &self.request_object_signing_alg)
            .finish_non_exhaustive()
    }
}

/// Keys that anybody may see. One of a kind that is not known here may be known to the server.
fn check_keys(keys: &Json) -> Result<(), Error> {
    let text = serde_json::to_vec(keys).unwrap_or_default();
    let Ok(set) = JwkSet::parse(&text) else {
        return invalid("jwks", "it is a JWK set (RFC 7517 section 5)");
    };
    let mut aside = set.set_aside().iter();
    match aside.any(|key| key.error == KeyError::Secret) {
        true => invalid(
            "jwks",
            "it has a private or a symmetric key in it, which nobody is to see: register the public one",
        ),
        false => Ok(()),
    }
}

const HTTPS: &str = "it is an absolute https address without user info or fragment";

const NAMES: [&str; 25] = [
    "application_type",
    "subject_type",
    "sector_identifier_uri",
    "jwks_uri",
    "jwks",
    "id_token_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_signed_response_alg",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_signing_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "token_endpoint_auth_signing_alg",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "initiate_login_uri",
    "request_uris",
    "post_logout_redirect_uris",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
];

/// The members of OpenID Connect; `null` counts as absent.
fn known(members: &Members) -> Members {
    let mut known = Members::default();
    for name in NAMES {
        if let Some(value) = members.value(name).filter(|value| **value != Json::Null) {
            known.insert(name, value.clone());
        }
    }
    known
}

fn algorithm(name: Option<&str>) -> Result<Option<SignatureAlgorithm>, Error> {
    match name {
        None => Ok(None),
        Some("none") => Err(Fault::Unsigned.into()),
        Some(name) => match SignatureAlgorithm::from_name(name) {
            Some(algorithm) => Ok(Some(algorithm)),
            None => Err(Fault::UnexpectedAlgorithm.into()),
        },
    }
}

fn invalid<T>(field: &'static str, reason: &'static str) -> Result<T, Error> {
    Err(Misuse::Invalid { field, reason }.into())
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
