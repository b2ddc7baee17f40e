//! The token endpoint (RFC 6749 §3.2).

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use crate::{
    AuthorizationServer, Client, Fault, GrantType, Jwt, Request, Response, Rotation, Value,
    form::Parameters,
    issue::Members,
    json,
    ledger::{Access, Code, Grant, GrantId},
    target,
    token_error::TokenError,
    token_form::{read_form, required},
};

impl AuthorizationServer {
    pub(crate) fn token(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        if self.is_revocation(request) {
            return self.revocation(request, now);
        }
        match self.try_token(request, now) {
            Ok(members) => self.token_answer(members),
            Err(error) => error.response(),
        }
    }

    fn try_token(&mut self, request: &Request, now: u64) -> Result<Members, TokenError> {
        let form = read_form(request)?;
        let refused = self.faults.take(|fault| match fault {
            Fault::TokenError { error, description } => Some(TokenError::new(error, description)),
            _ => None,
        });
        if let Some(refused) = refused {
            return Err(refused);
        }
        let client = self.client_of_token_request(request, &form, now)?;
        let grant_type = GrantType::of_token_request(required(&form, "grant_type")?);
        let grant_type = grant_type.ok_or_else(|| {
            let description = "this server does not know the grant_type";
            TokenError::new("unsupported_grant_type", description)
        })?;
        let client = match (grant_type, client) {
            (GrantType::JwtBearer, client) => {
                return self.jwt_bearer(client.as_ref(), request, &form, now);
            }
            (_, Some(client)) if client.may(grant_type) => client,
            _ => return Err(TokenError::not_registered()),
        };
        self.hold_to_proof(&client)?;
        match grant_type {
            GrantType::RefreshToken => self.refresh(&client, &form, now),
            GrantType::ClientCredentials => self.client_credentials(&client, &form, now),
            GrantType::TokenExchange => self.token_exchange(&client, &form, now),
            GrantType::DeviceCode => self.device_code(&client, &form, now),
            GrantType::Password => self.password(&client, &form, now),
            GrantType::AuthorizationCode | GrantType::Implicit | GrantType::JwtBearer => {
                self.exchange(&client, &form, now)
            }
        }
    }

    fn exchange(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let text = required(form, "code")?;
        let code = self
            .ledger
            .code(text)
            .cloned()
            .ok_or_else(|| TokenError::invalid_grant("the code is unknown"))?;
        let grant = self.ledger.grant(code.grant).cloned();
        if grant
            .as_ref()
            .is_some_and(|grant| grant.client_id != client.id())
        {
            return Err(TokenError::invalid_grant(
                "the code was given to another client",
            ));
        }
        if code.is_spent {
            self.ledger.revoke(code.grant);
            return Err(TokenError::invalid_grant(
                "the code was used before; all that came of it is revoked",
            ));
        }
        let grant =
            grant.ok_or_else(|| TokenError::invalid_grant("the user has withdrawn the grant"))?;
        check_code(&code, form, now)?;
        self.check_key(code.key.as_deref())?;
        let access = self.narrow(&grant, grant.access.scopes.clone(), form)?;
        self.ledger.spend_code(text);
        let members = self.both_tokens(client, code.grant, access, now);
        Ok(self.with_id_token(Jwt::CodeIdToken, client, code.grant, members, now))
    }

    fn refresh(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let text = required(form, "refresh_token")?;
        if self.faults.happens(&Fault::RefreshInvalidGrant) {
            return Err(TokenError::invalid_grant("the refresh token is not valid"));
        }
        let token = self.ledger.refresh(text).cloned();
        let token =
            token.ok_or_else(|| TokenError::invalid_grant("the refresh token is unknown"))?;
        let grant = self.ledger.grant(token.grant).cloned();
        if grant
            .as_ref()
            .is_some_and(|grant| grant.client_id != client.id())
        {
            return Err(TokenError::invalid_grant(
                "the refresh token was given to another client",
            ));
        }
        if let Some(spent_at) = token.spent_at
            && !self.is_in_grace(spent_at, now)
        {
            self.ledger.count_reuse();
            if matches!(
                self.config.rotation,
                Rotation::RevokeOnReuse | Rotation::Grace(_)
            ) {
                self.ledger.revoke_family(token.grant);
            }
            return Err(TokenError::invalid_grant(
                "the refresh token was used before",
            ));
        }
        let grant = grant.ok_or_else(|| TokenError::invalid_grant("the grant is revoked"))?;
        if now >= token.expires_at {
            return Err(TokenError::invalid_grant("the refresh token has expired"));
        }
        self.check_key(token.key.as_deref())?;
        let asked = form
            .find("scope")
            .filter(|_| !self.faults.happens(&Fault::RefreshIgnoresScope));
        let scopes = match asked {
            None => grant.access.scopes.clone(),
            Some(asked) => {
                let asked: Vec<String> = asked.split(' ').map(str::to_owned).collect();
                if !asked
                    .iter()
                    .all(|scope| grant.access.scopes.contains(scope))
                {
                    return Err(TokenError::new(
                        "invalid_scope",
                        "more scope than was granted",
                    ));
                }
                asked
            }
        };
        let access = self.narrow(&grant, scopes, form)?;
        self.ledger.count_refresh();
        if self.config.rotation == Rotation::Never || self.keeps_refresh_token(client) {
            let members = self.access_token(token.grant, access, None, now);
            return Ok(self.with_id_token(
                Jwt::RefreshedIdToken,
                client,
                token.grant,
                members,
                now,
            ));
        }
        self.ledger.spend_refresh(text, now);
        let members = self.with_refresh_token(token.grant, access, token.rotations + 1, now);
        Ok(self.with_id_token(Jwt::RefreshedIdToken, client, token.grant, members, now))
    }

    fn is_in_grace(&self, spent_at: u64, now: u64) -> bool {
        match self.config.rotation {
            Rotation::Grace(grace) => now < spent_at.saturating_add(grace.as_secs()),
            _ => false,
        }
    }

    fn client_credentials(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        if client.is_public() {
            return Err(TokenError::new(
                "unauthorized_client",
                "a public client has no credentials",
            ));
        }
        let access = self.access(client, form)?;
        let grant = self.ledger.open(client.id(), client.id(), access.clone());
        Ok(self.access_token(grant, access, None, now))
    }

    fn password(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let (name, password) = (required(form, "username")?, required(form, "password")?);
        if self.find_user(name, password).is_none() {
            return Err(TokenError::invalid_grant(
                "the name and the password do not fit",
            ));
        }
        let access = self.access(client, form)?;
        let grant = self.ledger.open(client.id(), name, access.clone());
        Ok(self.both_tokens(client, grant, access, now))
    }

    /// What the client asks for itself, where it may have that.
    pub(crate) fn access(&self, client: &Client, form: &Parameters) -> Result<Access, TokenError> {
        let refused = || {
            TokenError::new(
                "invalid_scope",
                "the client is not registered for all of these scopes",
            )
        };
        Ok(Access {
            scopes: client.allowed(form.find("scope")).ok_or_else(refused)?,
            targets: target::read(&self.config, form).map_err(TokenError::invalid_target)?,
        })
    }

    /// These scopes at the targets of this request, which are among the grant's (RFC 8707 §2.2).
    pub(crate) fn narrow(
        &self,
        grant: &Grant,
        scopes: Vec<String>,
        form: &Parameters,
    ) -> Result<Access, TokenError> {
        let targets = target::read(&self.config, form)
            .and_then(|asked| target::narrow(&grant.access.targets, asked))
            .map_err(TokenError::invalid_target)?;
        Ok(Access { scopes, targets })
    }

    /// An access token, and a refresh token where the client may have one.
    pub(crate) fn both_tokens(
        &mut self,
        client: &Client,
        grant: GrantId,
        access: Access,
        now: u64,
    ) -> Members {
        if !client.may(GrantType::RefreshToken) || self.keeps_refresh_token(client) {
            return self.access_token(grant, access, None, now);
        }
        self.with_refresh_token(grant, access, 0, now)
    }

    fn keeps_refresh_token(&mut self, client: &Client) -> bool {
        self.faults.happens(&Fault::NoRefreshToken)
            || client.is_public() && self.faults.happens(&Fault::NoRefreshTokenForPublic)
    }

    fn with_refresh_token(
        &mut self,
        grant: GrantId,
        access: Access,
        rotations: usize,
        now: u64,
    ) -> Members {
        let mut members = self.access_token(grant, access, None, now);
        members.push((
            "refresh_token".to_owned(),
            Value::Text(self.refresh_token(grant, rotations, now)),
        ));
        members
    }

    fn token_answer(&mut self, members: Members) -> Response {
        let written = members.into_iter().filter_map(|(name, value)| match value {
            Value::Absent => None,
            Value::Text(text) => Some((name, json::text(&text))),
            Value::Json(json) => Some((name, json)),
        });
        let mut members: Vec<(String, String)> = written.collect();
        let duplicate = self.faults.take(|fault| match fault {
            Fault::DuplicateMember(name) => {
                members.iter().find(|(known, _)| known == name).cloned()
            }
            _ => None,
        });
        members.extend(duplicate);
        let padding = self.faults.take(|fault| match fault {
            Fault::JsonDepth(depth) => Some(vec![(
                "padding".to_owned(),
                "[".repeat(*depth) + &"]".repeat(*depth),
            )]),
            Fault::JsonMembers(number) => Some(
                (0..*number)
                    .map(|at| (format!("padding{at}"), "0".to_owned()))
                    .collect(),
            ),
            _ => None,
        });
        members.extend(padding.unwrap_or_default());
        let nested = self.faults.take(|fault| match fault {
            Fault::NestedIn(name) => Some(vec![(name.clone(), json::object(&members))]),
            _ => None,
        });
        Response::json(200, json::object(&nested.unwrap_or(members)))
            .header("Cache-Control", "no-store")
            .header("Pragma", "no-cache")
    }
}

fn check_code(code: &Code, form: &Parameters, now: u64) -> Result<(), TokenError> {
    if now >= code.expires_at {
        return Err(TokenError::invalid_grant("the code has expired"));
    }
    if code.redirect_uri.as_deref() != form.find("redirect_uri") {
        return Err(TokenError::invalid_grant(
            "redirect_uri is not that of the authorization request",
        ));
    }
    match (&code.challenge, form.find("code_verifier")) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(TokenError::invalid_grant(
            "the request has no code_verifier",
        )),
        (None, Some(_)) => Err(TokenError::invalid_grant(
            "there is a code_verifier, and there was no code_challenge",
        )),
        (Some(challenge), Some(verifier))
            if !is_verifier(verifier) || s256(verifier) != *challenge =>
        {
            Err(TokenError::invalid_grant(
                "code_verifier does not fit code_challenge",
            ))
        }
        (Some(_), Some(_)) => Ok(()),
    }
}

/// RFC 7636 §4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// RFC 7636 §4.2.
fn s256(verifier: &str) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_of_rfc_7636_gives_its_challenge() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(is_verifier(verifier));
        assert_eq!(
            s256(verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
