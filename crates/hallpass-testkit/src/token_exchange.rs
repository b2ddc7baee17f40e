//! One token for another (RFC 8693).

use serde_json::{Value as Json, json};

use crate::{
    AuthorizationServer, Client, GrantType, TEST_KEY, Value,
    client_keys::Keys,
    form::Parameters,
    issue::Members,
    jws,
    ledger::{Access, Grant},
    target,
    token_error::TokenError,
    token_form::required,
};

/// The types of token that are understood (RFC 8693 §3).
#[derive(Clone, Copy, Eq, PartialEq)]
enum TokenType {
    AccessToken,
    RefreshToken,
    /// Signed with [`TEST_KEY`]; no resource takes it.
    Jwt,
}

/// What a token that was sent tells.
struct Presented {
    subject: String,
    scopes: Vec<String>,
}

impl AuthorizationServer {
    pub(crate) fn token_exchange(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let subject = self.presented(form, "subject_token", "subject_token_type", now)?;
        let is_delegation = form.has("actor_token") || form.has("actor_token_type");
        let actor = is_delegation
            .then(|| self.presented(form, "actor_token", "actor_token_type", now))
            .transpose()?;
        let asked = match form.find("requested_token_type") {
            None => TokenType::AccessToken,
            Some(name) => TokenType::named(name).ok_or_else(|| {
                invalid_request("this server does not issue tokens of requested_token_type")
            })?,
        };
        if asked == TokenType::RefreshToken && !client.may(GrantType::RefreshToken) {
            return Err(invalid_request("the client gets no refresh tokens"));
        }
        let access = Access {
            scopes: scopes(client, subject.scopes, form)?,
            targets: target::read(&self.config, form).map_err(TokenError::invalid_target)?,
        };
        let actor = actor.map(|actor| actor.subject);
        let grant = self
            .ledger
            .open_for(client.id(), &subject.subject, actor, access.clone());
        let mut members = match asked {
            TokenType::AccessToken => self.access_token(grant, access, None, now),
            TokenType::RefreshToken => {
                let lifetime = self.config.refresh_token_lifetime.as_secs();
                let token = self.refresh_token(grant, 0, now);
                no_access_token(token, lifetime, &access)
            }
            TokenType::Jwt => {
                let lifetime = self.config.access_token_lifetime.as_secs();
                let grant = self.ledger.grant(grant).cloned();
                let grant = grant.ok_or_else(|| invalid_request("the grant is revoked"))?;
                let token = self.sign(&grant, now, now.saturating_add(lifetime));
                no_access_token(token, lifetime, &access)
            }
        };
        let issued = ("issued_token_type".to_owned(), Value::text(asked.name()));
        members.insert(members.len().min(1), issued);
        Ok(members)
    }

    /// The token in one parameter, whose type is in another. Whatever is wrong with it is `invalid_request` (RFC 8693
    /// §2.2.2).
    fn presented(
        &self,
        form: &Parameters,
        token: &str,
        token_type: &str,
        now: u64,
    ) -> Result<Presented, TokenError> {
        let text = required(form, token)?;
        let known = TokenType::named(required(form, token_type)?);
        let known = known.ok_or_else(|| {
            invalid_request(&format!("this server takes no tokens of {token_type}"))
        })?;
        let found = match known {
            TokenType::AccessToken => {
                let found = self.ledger.access(text, now);
                found.map(|(token, grant)| (grant.subject.clone(), token.access.scopes.clone()))
            }
            TokenType::RefreshToken => {
                let found = self.ledger.active_refresh(text, now);
                found.map(|(_, grant)| (grant.subject.clone(), grant.access.scopes.clone()))
            }
            TokenType::Jwt => self.read_own_jwt(text, now),
        };
        let (subject, scopes) = found.ok_or_else(|| {
            invalid_request(&format!(
                "{token} is unknown, expired or revoked, or of another type"
            ))
        })?;
        Ok(Presented { subject, scopes })
    }

    fn read_own_jwt(&self, text: &str, now: u64) -> Option<(String, Vec<String>)> {
        let claims = Keys::of_private(TEST_KEY).verify(text)?;
        let member = |name: &str| claims.get(name).and_then(Json::as_str);
        let is_fresh = claims.get("exp")?.as_u64()? > now;
        if member("iss") != Some(self.issuer()) || !is_fresh {
            return None;
        }
        let scopes = member("scope")?
            .split(' ')
            .filter(|scope| !scope.is_empty());
        Some((
            member("sub")?.to_owned(),
            scopes.map(str::to_owned).collect(),
        ))
    }

    /// A JWT in the manner of RFC 9068.
    fn sign(&mut self, grant: &Grant, iat: u64, exp: u64) -> String {
        let mut claims = json!({
            "iss": self.issuer(),
            "sub": grant.subject,
            "client_id": grant.client_id,
            "scope": grant.access.scopes.join(" "),
            "iat": iat,
            "exp": exp,
            "jti": self.random.text(),
        });
        if let Some(actor) = &grant.actor {
            claims["act"] = json!({ "sub": actor });
        }
        if !grant.access.targets.is_empty() {
            claims["aud"] = grant.access.targets.as_slice().into();
        }
        jws::sign(&claims, TEST_KEY).unwrap_or_default()
    }
}

impl TokenType {
    fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::RefreshToken => "urn:ietf:params:oauth:token-type:refresh_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::AccessToken, Self::RefreshToken, Self::Jwt];
        all.into_iter().find(|known| known.name() == name)
    }
}

/// The answer for what no resource takes as a bearer token (RFC 8693 §2.2.1).
fn no_access_token(token: String, lifetime: u64, access: &Access) -> Members {
    vec![
        ("access_token".to_owned(), Value::Text(token)),
        ("token_type".to_owned(), Value::text("N_A")),
        ("expires_in".to_owned(), Value::Json(lifetime.to_string())),
        ("scope".to_owned(), Value::Text(access.scopes.join(" "))),
    ]
}

/// What both the token that was sent and the client may do, or what of it is asked for.
fn scopes(
    client: &Client,
    presented: Vec<String>,
    form: &Parameters,
) -> Result<Vec<String>, TokenError> {
    let allowed = client.allowed(form.find("scope")).unwrap_or_default();
    if !form.has("scope") {
        let both = presented
            .into_iter()
            .filter(|scope| allowed.contains(scope));
        return Ok(both.collect());
    }
    if allowed.is_empty() || !allowed.iter().all(|scope| presented.contains(scope)) {
        let description = "more scope than subject_token and the client have";
        return Err(TokenError::new("invalid_scope", description));
    }
    Ok(allowed)
}

fn invalid_request(description: &str) -> TokenError {
    TokenError::new("invalid_request", description)
}
