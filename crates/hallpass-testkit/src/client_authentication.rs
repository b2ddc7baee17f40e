//! Who is calling the token or revocation endpoint (RFC 6749 §2.3).

use base64ct::{Base64, Encoding};

use crate::{
    Client, Config, Request,
    form::{self, Parameters},
    token_error::TokenError,
};

/// The client of a request, if it has shown that it is.
pub(crate) fn authenticate(
    config: &Config,
    request: &Request,
    form: &Parameters,
) -> Result<Client, TokenError> {
    let basic = match request.header("authorization") {
        None => None,
        Some(header) => Some(
            Basic::read(header)
                .ok_or_else(|| TokenError::basic("the Authorization header is not Basic"))?,
        ),
    };
    let Some(basic) = basic else {
        return by_form(config, form);
    };
    if form.has("client_secret") {
        return Err(TokenError::new(
            "invalid_request",
            "the client authenticates twice",
        ));
    }
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
    Ok(client.clone())
}

fn by_form(config: &Config, form: &Parameters) -> Result<Client, TokenError> {
    let invalid = |description| TokenError::new("invalid_client", description);
    let id = form
        .find("client_id")
        .ok_or_else(|| invalid("the request names no client"))?;
    let client = config
        .find_client(id)
        .ok_or_else(|| invalid("no client of this id is registered"))?;
    match (client.secret(), form.find("client_secret")) {
        (None, None) => Ok(client.clone()),
        (None, Some(_)) => Err(invalid("a public client has no secret to send")),
        (Some(_), None) => Err(invalid("the client has to authenticate")),
        (Some(known), Some(sent)) if known == sent => Ok(client.clone()),
        (Some(_), Some(_)) => Err(invalid("the secret is not the client's")),
    }
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
