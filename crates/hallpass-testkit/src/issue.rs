//! Making codes and tokens, and the members that tell of them (RFC 6749 §4.2.2 and §5.1).

use crate::{
    AuthorizationServer, BadEncoding, Fault, Jwt, ScopeForm, Value,
    authorization_request::AuthorizationRequest,
    authorization_response::Outcome,
    id_token::Beside,
    json,
    ledger::{Access, AccessToken, Code, GrantId, RefreshToken},
    login::Login,
    session::Session,
};

/// The members of an answer, in order.
pub(crate) type Members = Vec<(String, Value)>;

impl AuthorizationServer {
    /// What an allowed request gets: a code, a token, an ID token.
    pub(crate) fn issue(
        &mut self,
        request: &AuthorizationRequest,
        session: &Session,
        scopes: Vec<String>,
        now: u64,
    ) -> Outcome {
        let access = Access {
            scopes,
            targets: request.targets.clone(),
        };
        let client = &request.client;
        let grant = self.ledger.open(client.id(), &session.user, access.clone());
        if let Some(openid) = &request.openid {
            let login = Login {
                auth_time: session.auth_time,
                sid: session.sid.clone(),
                nonce: openid.nonce.clone(),
                acr: openid.acr(),
                asked: openid.claims.clone(),
            };
            self.ledger.remember_login(grant, login);
        }
        let encoding = self.faults.take(|fault| match fault {
            Fault::BadEncoding(encoding) => Some(*encoding),
            _ => None,
        });
        let raw_end = if encoding == Some(BadEncoding::InvalidUtf8) {
            "%FF"
        } else {
            ""
        };
        let asked = request.response_type;
        let mut parameters = Vec::new();
        if asked.code {
            let code = self.code(request, grant, encoding, now);
            parameters.push(("code".to_owned(), code));
        }
        if asked.token {
            let members = self.access_token(grant, access, encoding, now);
            let text = |value| match value {
                Value::Absent => None,
                Value::Text(text) | Value::Json(text) => Some(text),
            };
            let texts = members.into_iter();
            parameters.extend(texts.filter_map(|(name, value)| Some((name, text(value)?))));
            if self.faults.happens(&Fault::RefreshTokenInFragment) {
                let token = self.refresh_token(grant, 0, now);
                parameters.push(("refresh_token".to_owned(), token));
            }
        }
        if asked.id_token {
            let find = |name: &str| {
                let found = parameters.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.as_str())
            };
            let beside = Beside {
                access_token: find("access_token"),
                code: find("code"),
                state: request.address.state.as_deref(),
                is_alone: !asked.code && !asked.token,
            };
            let id_token = self.id_token(Jwt::FrontIdToken, client, grant, beside, now);
            parameters.extend(id_token.map(|text| ("id_token".to_owned(), text)));
        }
        let state = self.session_state(request, session);
        parameters.extend(state.map(|state| ("session_state".to_owned(), state)));
        Outcome {
            parameters,
            raw_end,
        }
    }

    fn code(
        &mut self,
        request: &AuthorizationRequest,
        grant: GrantId,
        encoding: Option<BadEncoding>,
        now: u64,
    ) -> String {
        let text = strange(encoding, format!("code-{}", self.random.text()));
        let code = Code {
            grant,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            key: request.dpop_jkt.clone(),
            expires_at: now.saturating_add(self.config.code_lifetime.as_secs()),
            is_spent: false,
        };
        self.ledger.add_code(&text, code);
        text
    }

    /// A new access token, and what is said about it.
    pub(crate) fn access_token(
        &mut self,
        grant: GrantId,
        mut access: Access,
        encoding: Option<BadEncoding>,
        now: u64,
    ) -> Members {
        let lifetime = self.config.access_token_lifetime.as_secs();
        let shown = self.faults.take(|fault| match fault {
            Fault::AccessToken(value) => Some(value.clone()),
            _ => None,
        });
        let text = match &shown {
            Some(Value::Text(text)) if !text.is_empty() => text.clone(),
            _ => strange(encoding, format!("access-{}", self.random.text())),
        };
        let is_dropped = self.faults.happens(&Fault::DroppedScope);
        if is_dropped {
            access.scopes.pop();
        }
        let scope = match self.faults.take(|fault| match fault {
            Fault::ScopeForm(form) => Some(*form),
            _ => None,
        }) {
            _ if is_dropped => Value::Absent,
            None => Value::Text(access.scopes.join(" ")),
            Some(ScopeForm::Commas) => Value::Text(access.scopes.join(",")),
            Some(ScopeForm::Array) => {
                Value::Json(json::texts(access.scopes.iter().map(String::as_str)))
            }
        };
        let key = self.proven_key().map(str::to_owned);
        let token_type = if key.is_some() { "DPoP" } else { "Bearer" };
        let token = AccessToken {
            grant,
            key,
            access,
            issued_at: now,
            expires_at: now.saturating_add(lifetime),
        };
        self.ledger.add_access(&text, token);
        let mut members = vec![
            (
                "access_token".to_owned(),
                shown.unwrap_or(Value::Text(text)),
            ),
            ("token_type".to_owned(), Value::text(token_type)),
            ("expires_in".to_owned(), Value::Json(lifetime.to_string())),
            ("scope".to_owned(), scope),
        ];
        for (name, member) in &mut members {
            let changed = self.faults.take(|fault| match fault {
                Fault::TokenType(value) if name == "token_type" => Some(value.clone()),
                Fault::ExpiresIn(value) if name == "expires_in" => Some(value.clone()),
                Fault::Scope(value) if name == "scope" => Some(value.clone()),
                _ => None,
            });
            if let Some(changed) = changed {
                *member = changed;
            }
        }
        let mut known: Vec<String> = members.iter().map(|(name, _)| name.clone()).collect();
        // More than one may be on, each under its own name.
        while let Some((name, value)) = self.faults.take(|fault| match fault {
            Fault::ExtraMember { name, value } if !known.contains(name) => {
                Some((name.clone(), value.clone()))
            }
            _ => None,
        }) {
            known.push(name.clone());
            members.push((name, value));
        }
        members
    }

    /// A new refresh token, after so many others of its grant.
    pub(crate) fn refresh_token(&mut self, grant: GrantId, rotations: usize, now: u64) -> String {
        let text = format!("refresh-{}", self.random.text());
        let expires_at = now.saturating_add(self.config.refresh_token_lifetime.as_secs());
        let key = self.ledger.grant(grant);
        let key = key.and_then(|grant| self.key_of_refresh_token(&grant.client_id));
        self.ledger.add_refresh(
            &text,
            RefreshToken {
                grant,
                key,
                issued_at: now,
                expires_at,
                spent_at: None,
                rotations,
            },
        );
        text
    }
}

fn strange(encoding: Option<BadEncoding>, text: String) -> String {
    match encoding {
        None | Some(BadEncoding::InvalidUtf8) => text,
        Some(BadEncoding::Nul) => text + "\0",
        Some(BadEncoding::Doubled) => text + "%41%2B+",
        Some(BadEncoding::Long) => {
            let missing = 65_536_usize.saturating_sub(text.len());
            text + &"x".repeat(missing)
        }
    }
}
