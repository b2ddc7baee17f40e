//! What is ours: the addresses at which we are reached, and what we say of ourselves to a provider.

use hallpass_grant::ClientMetadata;
use hallpass_jose::{Json, Members};
use hallpass_oidc::RelyingPartyMetadata;
use url::Url;

use crate::arguments::{Arguments, ClientAuth, Logout, ResponseType, UserInfo};
use crate::endpoints::{
    BACK_CHANNEL_LOGOUT, CALLBACK, FRONT_CHANNEL_LOGOUT, GOODBYE, INITIATE_LOGIN, REQUEST_OBJECT,
};
use crate::failure::Failure;
use crate::keys::Keys;

/// The addresses at which we are reached.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    /// The listener's, if there is one.
    base: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) post_logout_redirect_uri: Option<String>,
}

impl Own {
    /// `listening` is where the listener is, as others reach it.
    pub(crate) fn new(arguments: &Arguments, listening: Option<String>) -> Self {
        let base = listening.map(|url| url.trim_end_matches('/').to_owned());
        let at = |given: &Option<String>, path: &str| {
            given
                .clone()
                .or_else(|| Some(format!("{}{path}", base.as_ref()?)))
        };
        let redirect_uri = at(&arguments.request.redirect_uri, CALLBACK);
        let goodbye = at(&arguments.afterwards.post_logout_redirect_uri, GOODBYE);
        Self {
            redirect_uri,
            post_logout_redirect_uri: goodbye,
            base,
        }
    }

    pub(crate) fn redirect_uri(&self) -> Result<&str, Failure> {
        let message = "there is no redirect URI: give --redirect-uri, or --listen for one here";
        self.redirect_uri
            .as_deref()
            .ok_or_else(|| Failure::usage(message))
    }

    /// An endpoint of the listener's.
    pub(crate) fn endpoint(&self, path: &str) -> Option<String> {
        Some(format!("{}{path}", self.base.as_ref()?))
    }

    /// The path of an address, if the listener is there.
    pub(crate) fn path_here(&self, address: Option<&str>) -> Option<String> {
        let (base, address) = (
            Url::parse(self.base.as_deref()?).ok()?,
            Url::parse(address?).ok()?,
        );
        (base.origin() == address.origin()).then(|| address.path().to_owned())
    }

    /// What we register with: what the options ask for, and then what the caller says.
    pub(crate) fn metadata(
        &self,
        arguments: &Arguments,
        keys: &Keys,
    ) -> Result<(ClientMetadata, RelyingPartyMetadata), Failure> {
        let request = &arguments.request;
        let mut metadata = ClientMetadata::new()
            .with_name("hallpass relying party")
            .with_redirect_uri(self.redirect_uri()?)
            .with_response_type(request.response_type.name())
            .with_authentication_method(arguments.client.client_auth.name());
        for grant_type in request.response_type.grant_types() {
            metadata = metadata.with_grant_type(*grant_type);
        }
        if arguments.afterwards.refresh {
            metadata = metadata.with_grant_type("refresh_token");
        }
        let openid = self.openid(arguments, keys)?;
        // A frame of ours has to be where some redirect URI is (OpenID Connect Front-Channel Logout §2).
        if openid.frontchannel_logout_uri.is_some()
            && self.path_here(Some(self.redirect_uri()?)).is_none()
        {
            metadata.redirect_uris.extend(self.endpoint(CALLBACK));
        }
        let mut metadata = openid.join(metadata)?;
        if let Some(given) = &arguments.client.register_with {
            let given = Members::read(given.as_bytes());
            let given = given.map_err(|error| Failure::of("--register-with", error))?;
            for (name, value) in given.iter() {
                metadata.extra.remove(name);
                if *value != Json::Null {
                    metadata = metadata.with_member(name, value.clone());
                }
            }
        }
        let openid = RelyingPartyMetadata::of(&metadata)?;
        Ok((metadata, openid))
    }

    /// Tokens come to a redirect URI on this machine, in plain text: only a native client has such a one (OpenID Connect Registration §2).
    fn is_native(&self, arguments: &Arguments) -> bool {
        let is_plain = self
            .redirect_uri
            .as_deref()
            .is_some_and(|uri| uri.starts_with("http:"));
        is_plain && arguments.request.response_type != ResponseType::Code
    }

    fn openid(&self, arguments: &Arguments, keys: &Keys) -> Result<RelyingPartyMetadata, Failure> {
        let mut openid = RelyingPartyMetadata::new();
        openid.application_type = self.is_native(arguments).then(|| "native".to_owned());
        openid.id_token_signed_response_alg = arguments.request.expect_alg.clone();
        if let Some((algorithm, encryption)) = arguments.request.encryption() {
            openid.id_token_encrypted_response_alg = Some(algorithm.to_owned());
            openid.id_token_encrypted_response_enc = Some(encryption.to_owned());
        }
        if arguments.afterwards.userinfo == Some(UserInfo::Signed) {
            let algorithm = arguments.request.expected_algorithm().unwrap_or("RS256");
            openid.userinfo_signed_response_alg = Some(algorithm.to_owned());
        }
        if let Some(object) = &arguments.request.request_object {
            let by_key = keys.name(Some("RS256")).map_or("none", |_| "RS256");
            let algorithm = object.algorithm().unwrap_or(by_key);
            openid.request_object_signing_alg = Some(algorithm.to_owned());
            if object.is_by_reference() {
                openid.request_uris.extend(self.endpoint(REQUEST_OBJECT));
            }
        }
        if arguments.client.client_auth == ClientAuth::PrivateKeyJwt {
            let algorithm = keys.name(None)?.algorithm().name();
            openid.token_endpoint_auth_signing_alg = Some(algorithm.to_owned());
        }
        if !keys.is_empty() {
            let published = keys.published().to_string();
            let jwks = serde_json::from_str(&published);
            openid.jwks =
                Some(jwks.map_err(|error| Failure::of("the client's public keys", error))?);
        }
        if let Some(logout) = arguments.afterwards.logout {
            openid
                .post_logout_redirect_uris
                .extend(self.post_logout_redirect_uri.clone());
            match logout {
                Logout::Front => {
                    openid.frontchannel_logout_uri = self.endpoint(FRONT_CHANNEL_LOGOUT);
                    openid.frontchannel_logout_session_required = true;
                }
                Logout::Rp | Logout::Back => {
                    openid.backchannel_logout_uri = self.endpoint(BACK_CHANNEL_LOGOUT);
                    openid.backchannel_logout_session_required =
                        openid.backchannel_logout_uri.is_some();
                }
                Logout::Session => {}
            }
        }
        if arguments.afterwards.third_party {
            openid.initiate_login_uri = self.endpoint(INITIATE_LOGIN);
        }
        Ok(openid)
    }
}
