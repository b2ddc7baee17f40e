//! Who is calling: how a client shows who it is (RFC 6749 §2.3, RFC 7523 §2.2).

use base64ct::{Base64, Encoding};

use crate::{
    AuthorizationServer, Client, Config, Request,
    form::{self, Parameters},
    token_error::TokenError,
};

/// The one type of assertion that is understood (RFC 7523 §2.2).
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client shows who it is: `token_endpoint_auth_method` (RFC 7591 §2).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthenticationMethod {
    /// Not at all.
    None,
    /// By the `Authorization` header.
    ClientSecretBasic,
    /// By a secret in the form.
    ClientSecretPost,
    /// By an assertion that it signs with its secret (OpenID Connect Core §9).
    ClientSecretJwt,
    /// By an assertion that it signs with a key (RFC 7523 §2.2).
    PrivateKeyJwt,
}

impl AuthenticationMethod {
    pub(crate) const ALL: [Self; 5] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
    ];

    pub(crate) const CONFIDENTIAL: [Self; 4] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
    ];

    /// As in metadata.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

impl AuthorizationServer {
    /// The client of a request, if it has shown that it is.
    pub(crate) fn authenticate(
        &mut self,
        request: &Request,
        form: &Parameters,
        now: u64,
    ) -> Result<Client, TokenError> {
        let basic = match request.header("authorization") {
            None => None,
            Some(header) => Some(
                Basic::read(header)
                    .ok_or_else(|| TokenError::basic("the Authorization header is not Basic"))?,
            ),
        };
        let (has_secret, has_assertion) = (form.has("client_secret"), form.has("client_assertion"));
        match (basic, has_secret, has_assertion) {
            (Some(basic), false, false) => by_basic(&self.config, basic, form),
            (None, false, true) => self.by_assertion(request, form, now),
            (None, _, false) => by_form(&self.config, form),
            _ => Err(TokenError::new(
                "invalid_request",
                "the client authenticates twice",
            )),
        }
    }

    fn by_assertion(
        &mut self,
        request: &Request,
        form: &Parameters,
        now: u64,
    ) -> Result<Client, TokenError> {
        let invalid = |description| TokenError::new("invalid_client", description);
        if form.find("client_assertion_type") != Some(JWT) {
            return Err(invalid("client_assertion_type is not the one of RFC 7523"));
        }
        let compact = form.find("client_assertion").unwrap_or_default();
        let assertion = self.verify_assertion(compact, request, now);
        let assertion = assertion.map_err(invalid)?;
        let client = assertion.client;
        if assertion.subject != client.id() {
            return Err(invalid(
                "iss and sub of the assertion are not both the client",
            ));
        }
        if form.find("client_id").is_some_and(|id| id != client.id()) {
            return Err(invalid("client_id is not that of the assertion"));
        }
        let method = match client.secret() {
            Some(_) => AuthenticationMethod::ClientSecretJwt,
            None => AuthenticationMethod::PrivateKeyJwt,
        };
        hold_to(method, client)
    }
}

fn by_basic(config: &Config, basic: Basic, form: &Parameters) -> Result<Client, TokenError> {
    let (client, secret) = basic.client(config)?;
    if form.find("client_id").is_some_and(|id| id != client.id()) {
        return Err(TokenError::new(
            "invalid_request",
            "client_id is not that of the Authorization header",
        ));
    }
    if client.secret() != Some(secret.as_str()) {
        return Err(TokenError::basic("the secret is not the client's"));
    }
    if !client.accepts(AuthenticationMethod::ClientSecretBasic) {
        return Err(TokenError::basic(
            "the client is registered for another method",
        ));
    }
    Ok(client.clone())
}

fn by_form(config: &Config, form: &Parameters) -> Result<Client, TokenError> {
    let invalid = |description| TokenError::new("invalid_client", description);
    let id = form
        .find("client_id")
        .ok_or_else(|| invalid("the request names no client"))?;
    let client = config
        .find_client(id)
        .ok_or_else(|| invalid("no client of this id is registered"))?
        .clone();
    match (client.secret(), form.find("client_secret")) {
        (_, None) if client.is_public() => Ok(client),
        (_, None) => Err(invalid("the client has to authenticate")),
        (None, Some(_)) => Err(invalid("the client has no secret to send")),
        (Some(known), Some(sent)) if known == sent => {
            hold_to(AuthenticationMethod::ClientSecretPost, client)
        }
        (Some(_), Some(_)) => Err(invalid("the secret is not the client's")),
    }
}

fn hold_to(method: AuthenticationMethod, client: Client) -> Result<Client, TokenError> {
    if client.accepts(method) {
        return Ok(client);
    }
    let description = "the client is registered for another method";
    Err(TokenError::new("invalid_client", description))
}

/// The two halves of the header, still encoded.
struct Basic {
    id: String,
    secret: String,
}

impl Basic {
    fn read(header: &str) -> Option<Self> {
        let (scheme, credentials) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(Base64::decode_vec(credentials).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some(Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The client, and the secret it sent. RFC 6749 §2.3.1 encodes both like a form, which some servers do not know.
    fn client(self, config: &Config) -> Result<(&Client, String), TokenError> {
        if let Some(client) = config
            .find_client(&self.id)
            .filter(|client| client.reads_basic_raw())
        {
            return Ok((client, self.secret));
        }
        let decode = |text: &str| {
            form::decode(text).map_err(|_| {
                TokenError::basic("the Authorization header is not form-encoded inside")
            })
        };
        let (id, secret) = (decode(&self.id)?, decode(&self.secret)?);
        let client = config
            .find_client(&id)
            .filter(|client| !client.reads_basic_raw());
        Ok((
            client.ok_or_else(|| TokenError::basic("no client of this id is registered"))?,
            secret,
        ))
    }
}
