//! What a client asks the user for (RFC 6749 §4.1.1 and §4.2.1, RFC 7636 §4.3).

use crate::{
    Client, Config, authorization_response::Address, form::Parameters,
    openid_request::OpenIdRequest, response_type::ResponseType, target,
};

/// An authorization request that may be put before the user.
pub(crate) struct AuthorizationRequest {
    pub(crate) client: Client,
    pub(crate) response_type: ResponseType,
    /// As asked; the token request must repeat it.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) targets: Vec<String>,
    pub(crate) challenge: Option<String>,
    /// The thumbprint of the key that alone may exchange the code (RFC 9449 §10).
    pub(crate) dpop_jkt: Option<String>,
    pub(crate) address: Address,
    /// Where the scopes name `openid`.
    pub(crate) openid: Option<OpenIdRequest>,
}

/// Where the parameters of the authorization response go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// Why there is nothing to put before the user.
pub(crate) enum Refusal {
    /// Said to the user, since it is not known to whom else.
    Page(String),
    /// Said to the client.
    Client {
        address: Address,
        error: &'static str,
        description: String,
    },
}

impl AuthorizationRequest {
    pub(crate) fn read(config: &Config, parameters: &Parameters) -> Result<Self, Refusal> {
        let page = |text: &str| Refusal::Page(text.to_owned());
        let id = parameters
            .find("client_id")
            .ok_or_else(|| page("The request has no client_id."))?;
        let client = config
            .find_client(id)
            .ok_or_else(|| page("No client of this client_id is registered."))?;
        let redirect_uri = parameters.find("redirect_uri");
        let redirect_to = client
            .redirect_to(redirect_uri)
            .ok_or_else(|| match redirect_uri {
                Some(_) => page("This redirect_uri is not registered for the client."),
                None => {
                    page("The request has no redirect_uri, and the client has not exactly one.")
                }
            })?;

        let asked = parameters.find("response_type");
        let is_token =
            asked.is_some_and(|asked| asked.split(' ').any(|word| word.ends_with("token")));
        let default_mode = if is_token {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        };
        let mode = match parameters.find("response_mode") {
            None => Ok(default_mode),
            Some("query") if is_token => Err("response_mode query is not for tokens"),
            Some("query") => Ok(ResponseMode::Query),
            Some("fragment") => Ok(ResponseMode::Fragment),
            Some("form_post") => Ok(ResponseMode::FormPost),
            Some(_) => Err("response_mode is query, fragment or form_post"),
        };
        let address = Address {
            redirect_uri: redirect_to.to_owned(),
            mode: mode.unwrap_or(default_mode),
            state: parameters.find("state").map(str::to_owned),
        };
        let refuse = |error, description: &str| {
            let (address, description) = (address.clone(), description.to_owned());
            Err(Refusal::Client {
                address,
                error,
                description,
            })
        };

        let Some(asked) = asked else {
            return refuse("invalid_request", "the request has no response_type");
        };
        let Some(response_type) = ResponseType::named(asked) else {
            return refuse(
                "unsupported_response_type",
                "response_type is made of code, id_token and token",
            );
        };
        if let Err(description) = mode {
            return refuse("invalid_request", description);
        }
        let needs = response_type.grant_types();
        if !needs.into_iter().all(|needed| client.may(needed)) {
            return refuse(
                "unauthorized_client",
                "the client is not registered for this response_type",
            );
        }
        let challenge = parameters.find("code_challenge").map(str::to_owned);
        if response_type.code {
            let method = parameters.find("code_challenge_method");
            if let Err(description) = check_challenge(config, challenge.as_deref(), method) {
                return refuse("invalid_request", description);
            }
        }
        let dpop_jkt = parameters.find("dpop_jkt").map(str::to_owned);
        if dpop_jkt.as_deref().is_some_and(|jkt| !is_sha256(jkt)) {
            return refuse(
                "invalid_request",
                "dpop_jkt is not the base64url of a SHA-256",
            );
        }
        let Some(scopes) = client.allowed(parameters.find("scope")) else {
            return refuse(
                "invalid_scope",
                "the client is not registered for all of these scopes",
            );
        };
        let targets = match target::read(config, parameters) {
            Ok(targets) => targets,
            Err(description) => return refuse("invalid_target", description),
        };
        let openid = scopes.iter().any(|scope| scope == "openid");
        let openid = openid.then(|| OpenIdRequest::read(parameters)).transpose();
        let openid = match openid {
            Ok(openid) => openid,
            Err(description) => return refuse("invalid_request", description),
        };
        if response_type.id_token {
            let nonce = openid.as_ref().map(|openid| &openid.nonce);
            match nonce {
                None => return refuse("invalid_scope", "an ID token needs the scope openid"),
                Some(None) => return refuse("invalid_request", "the request has no nonce"),
                Some(Some(_)) => {}
            }
        }
        let (client, redirect_uri) = (client.clone(), redirect_uri.map(str::to_owned));
        Ok(Self {
            client,
            response_type,
            redirect_uri,
            scopes,
            targets,
            challenge,
            dpop_jkt,
            address,
            openid,
        })
    }
}

fn check_challenge(
    config: &Config,
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<(), &'static str> {
    match (challenge, method) {
        (None, _) if config.require_pkce => Err("the request has no code_challenge"),
        (None, None) => Ok(()),
        (None, Some(_)) => Err("the request has a code_challenge_method and no code_challenge"),
        (Some(challenge), Some("S256")) if is_sha256(challenge) => Ok(()),
        (Some(_), Some("S256")) => Err("code_challenge is not the base64url of a SHA-256"),
        (Some(_), _) => Err("code_challenge_method is not S256"),
    }
}

fn is_sha256(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == 43 && text.bytes().all(is_base64url)
}
