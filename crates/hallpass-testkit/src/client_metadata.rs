//! What a client says about itself when it registers (RFC 7591 §2), read strictly: what it may not be is refused, and
//! what is not known here is ignored.

use serde_json::{Map, Value, json};

use crate::{
    AuthenticationMethod, Client, Config, GrantType, client_keys::Keys,
    openid_client::OpenIdSettings, response_type::ResponseType, target,
};

/// RFC 9449 §5.2.
const DPOP: &str = "dpop_bound_access_tokens";
/// RFC 9126 §6.
const PUSH: &str = "require_pushed_authorization_requests";

/// Metadata of which a client can be made.
#[derive(Clone)]
pub(crate) struct ClientMetadata {
    redirect_uris: Vec<String>,
    pub(crate) method: AuthenticationMethod,
    grant_types: Vec<GrantType>,
    response_types: Vec<&'static str>,
    scopes: Vec<String>,
    name: Option<String>,
    dpop_bound_access_tokens: bool,
    require_pushed_authorization_requests: bool,
    /// As they came.
    jwks: Option<Value>,
    keys: Keys,
    openid: OpenIdSettings,
}

/// `error` and `error_description` (RFC 7591 §3.2.2).
pub(crate) type Problem = (&'static str, &'static str);

impl ClientMetadata {
    pub(crate) fn read(config: &Config, members: &Map<String, Value>) -> Result<Self, Problem> {
        let method = read_method(members)?;
        let grant_types = read_grant_types(members)?;
        let (jwks, keys) = read_jwks(members)?;
        if method == AuthenticationMethod::PrivateKeyJwt && jwks.is_none() {
            return Err(invalid("private_key_jwt needs jwks"));
        }
        if grant_types.contains(&GrantType::JwtBearer) && jwks.is_none() {
            return Err(invalid("the JWT bearer grant needs jwks"));
        }
        let is_public = method == AuthenticationMethod::None;
        if is_public && grant_types.contains(&GrantType::ClientCredentials) {
            return Err(invalid("a public client has no credentials"));
        }
        Ok(Self {
            redirect_uris: read_redirect_uris(members, &grant_types)?,
            method,
            scopes: read_scopes(config, members)?,
            name: text(members, "client_name")?.map(str::to_owned),
            dpop_bound_access_tokens: flag(members, DPOP)?,
            require_pushed_authorization_requests: flag(members, PUSH)?,
            response_types: read_response_types(members, &grant_types)?,
            openid: OpenIdSettings::read(members)?,
            grant_types,
            jwks,
            keys,
        })
    }

    /// The client, which is held to the method it registered.
    pub(crate) fn client(&self, id: &str, secret: Option<&str>) -> Client {
        let client = match secret {
            Some(secret) => Client::confidential(id, secret),
            None => Client::public(id),
        };
        let mut client = client
            .with_keys(self.keys.clone())
            .authentication_method(self.method)
            .scopes(self.scopes.iter().map(String::as_str))
            .grant_types(self.grant_types.iter().copied());
        for uri in &self.redirect_uris {
            client = client.redirect_uri(uri);
        }
        if let Some(name) = &self.name {
            client = client.name(name);
        }
        if self.dpop_bound_access_tokens {
            client = client.require_dpop();
        }
        if self.require_pushed_authorization_requests {
            client = client.require_pushed_authorization_requests();
        }
        client.openid = self.openid.clone();
        client
    }

    /// All of it, as the answer tells it (RFC 7591 §3.2.1).
    pub(crate) fn members(&self) -> Map<String, Value> {
        let grant_types = self.grant_types.iter().map(|known| known.name());
        let mut members = Map::new();
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        add("token_endpoint_auth_method", self.method.name().into());
        add("grant_types", grant_types.collect());
        add("response_types", json!(self.response_types));
        add("scope", self.scopes.join(" ").into());
        add(DPOP, self.dpop_bound_access_tokens.into());
        add(PUSH, self.require_pushed_authorization_requests.into());
        if !self.redirect_uris.is_empty() {
            add("redirect_uris", self.redirect_uris.as_slice().into());
        }
        if let Some(name) = &self.name {
            add("client_name", name.as_str().into());
        }
        if let Some(jwks) = &self.jwks {
            add("jwks", jwks.clone());
        }
        members.extend(self.openid.members());
        members
    }
}

pub(crate) fn invalid(description: &'static str) -> Problem {
    ("invalid_client_metadata", description)
}

/// A member that is there: `null` counts as left out (RFC 7592 §2.2).
pub(crate) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

pub(crate) fn text<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Problem> {
    let text = |value: &'a Value| value.as_str().ok_or(invalid("a text is something else"));
    member(members, name).map(text).transpose()
}

pub(crate) fn flag(members: &Map<String, Value>, name: &str) -> Result<bool, Problem> {
    let flag = |value: &Value| value.as_bool().ok_or(invalid("a flag is something else"));
    member(members, name).map_or(Ok(false), flag)
}

pub(crate) fn texts<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<Vec<&'a str>>, Problem> {
    let Some(value) = member(members, name) else {
        return Ok(None);
    };
    let texts = value
        .as_array()
        .and_then(|items| items.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    texts
        .map(Some)
        .ok_or(invalid("a list of texts is something else"))
}

fn read_method(members: &Map<String, Value>) -> Result<AuthenticationMethod, Problem> {
    if !matches!(
        text(members, "token_endpoint_auth_signing_alg")?,
        None | Some("ES256" | "RS256" | "PS256" | "HS256")
    ) {
        return Err(invalid("token_endpoint_auth_signing_alg is not known"));
    }
    let Some(name) = text(members, "token_endpoint_auth_method")? else {
        return Ok(AuthenticationMethod::ClientSecretBasic);
    };
    let mut all = AuthenticationMethod::ALL.into_iter();
    all.find(|known| known.name() == name)
        .ok_or(invalid("token_endpoint_auth_method is not known"))
}

fn read_grant_types(members: &Map<String, Value>) -> Result<Vec<GrantType>, Problem> {
    let Some(names) = texts(members, "grant_types")? else {
        return Ok(vec![GrantType::AuthorizationCode]);
    };
    let known: Option<Vec<_>> = names.into_iter().map(GrantType::named).collect();
    known.ok_or(invalid("one of grant_types is not known"))
}

/// Those that belong to the grant types (RFC 7591 §2.1).
fn response_types(grant_types: &[GrantType]) -> Vec<&'static str> {
    let all = [
        (GrantType::AuthorizationCode, "code"),
        (GrantType::Implicit, "token"),
    ];
    let used = all
        .into_iter()
        .filter(|(grant_type, _)| grant_types.contains(grant_type));
    used.map(|(_, name)| name).collect()
}

/// They need the grant types that were named, and no others (OpenID Connect Dynamic Client Registration §2).
fn read_response_types(
    members: &Map<String, Value>,
    grant_types: &[GrantType],
) -> Result<Vec<&'static str>, Problem> {
    let Some(names) = texts(members, "response_types")? else {
        return Ok(response_types(grant_types));
    };
    let known: Option<Vec<_>> = names.into_iter().map(ResponseType::named).collect();
    let known = known.ok_or(invalid("one of response_types is not known"))?;
    let needed: Vec<_> = known.iter().flat_map(|known| known.grant_types()).collect();
    let with_redirect = [GrantType::AuthorizationCode, GrantType::Implicit];
    let fits = |grant: &GrantType| needed.contains(grant) == grant_types.contains(grant);
    with_redirect
        .iter()
        .all(fits)
        .then(|| known.into_iter().map(ResponseType::name).collect())
        .ok_or(invalid("response_types do not fit grant_types"))
}

fn read_redirect_uris(
    members: &Map<String, Value>,
    grant_types: &[GrantType],
) -> Result<Vec<String>, Problem> {
    let wrong = |description| ("invalid_redirect_uri", description);
    let uris = texts(members, "redirect_uris");
    let uris = uris.map_err(|_| wrong("redirect_uris is no list of texts"))?;
    let uris = uris.unwrap_or_default();
    if !uris.iter().all(|uri| is_redirect_uri(uri)) {
        return Err(wrong(
            "a redirect URI is neither https, nor http on loopback, nor of a scheme with a dot, or it has a fragment",
        ));
    }
    if uris.is_empty() && !response_types(grant_types).is_empty() {
        return Err(wrong("a grant with a redirect needs redirect_uris"));
    }
    Ok(uris.into_iter().map(str::to_owned).collect())
}

/// RFC 6749 §3.1.2, RFC 8252 §7.
pub(crate) fn is_redirect_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':').filter(|_| target::is_absolute(uri)) else {
        return false;
    };
    let authority = rest.strip_prefix("//").unwrap_or_default();
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    match scheme {
        "https" => !host.is_empty() && !host.contains('@'),
        "http" => ["127.0.0.1", "[::1]", "localhost"].contains(&host),
        private => private.contains('.'),
    }
}

fn read_scopes(config: &Config, members: &Map<String, Value>) -> Result<Vec<String>, Problem> {
    let is_known = |scope: &str| config.scopes.iter().any(|(known, _)| known == scope);
    let Some(asked) = text(members, "scope")? else {
        let all = config.scopes.iter().map(|(known, _)| known.clone());
        return Ok(all.collect());
    };
    let asked: Vec<&str> = asked.split(' ').filter(|scope| !scope.is_empty()).collect();
    if !asked.iter().all(|scope| is_known(scope)) {
        return Err(invalid("one of the scopes is not known"));
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

fn read_jwks(members: &Map<String, Value>) -> Result<(Option<Value>, Keys), Problem> {
    if member(members, "jwks_uri").is_some() {
        return Err(invalid("keys come by jwks here, and not by jwks_uri"));
    }
    let Some(jwks) = member(members, "jwks") else {
        return Ok((None, Keys::default()));
    };
    let keys = Keys::read(jwks).filter(|_| jwks.get("keys").is_some());
    let keys = keys.ok_or(invalid("jwks is no set of public P-256 or RSA keys"))?;
    Ok((Some(jwks.clone()), keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_leads_back_to_its_client() {
        for uri in [
            "https://app.example/callback?a=b",
            "https://app.example:8443",
            "http://127.0.0.1/callback",
            "http://[::1]:8080/callback",
            "http://localhost:1/",
            "com.example.app:/callback",
        ] {
            assert!(is_redirect_uri(uri), "{uri}");
        }
        for uri in [
            "http://app.example/callback",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1:1@evil.example/",
            "https://app.example/#fragment",
            "https://user@app.example/",
            "https:///callback",
            "/callback",
            "javascript:alert(1)",
            "myapp:/callback",
            "",
        ] {
            assert!(!is_redirect_uri(uri), "{uri}");
        }
    }
}
