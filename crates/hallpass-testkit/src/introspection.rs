//! The introspection endpoint (RFC 7662).

use serde_json::{Value, json};

use crate::{
    AuthorizationServer, Request, Response,
    ledger::{Access, Grant},
    token_error::TokenError,
    token_form::{read_form, required},
};

impl AuthorizationServer {
    pub(crate) fn introspection(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        match self.try_introspect(request, now) {
            Ok(members) => Response::json(200, members.to_string())
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache"),
            Err(error) => error.response(),
        }
    }

    fn try_introspect(&mut self, request: &Request, now: u64) -> Result<Value, TokenError> {
        let form = read_form(request)?;
        let client = self.authenticate(request, &form, now)?;
        if client.is_public() {
            let description = "only a client that authenticates may look at tokens";
            return Err(TokenError::basic(description));
        }
        let token = required(&form, "token")?;
        let found = self.look_up(token, now);
        Ok(found.unwrap_or_else(|| json!({ "active": false })))
    }

    /// What there is to say of a token that is good. `token_type` is said of access tokens, which alone have one.
    fn look_up(&self, text: &str, now: u64) -> Option<Value> {
        if let Some((token, grant)) = self.ledger.access(text, now) {
            let mut members =
                self.describe(grant, &token.access, token.issued_at, token.expires_at);
            members["token_type"] = match &token.key {
                None => "Bearer".into(),
                Some(key) => {
                    members["cnf"] = json!({ "jkt": key });
                    "DPoP".into()
                }
            };
            return Some(members);
        }
        let (token, grant) = self.ledger.active_refresh(text, now)?;
        Some(self.describe(grant, &grant.access, token.issued_at, token.expires_at))
    }

    fn describe(&self, grant: &Grant, access: &Access, iat: u64, exp: u64) -> Value {
        let mut members = json!({
            "active": true,
            "scope": access.scopes.join(" "),
            "client_id": grant.client_id,
            "sub": grant.subject,
            "iss": self.issuer(),
            "iat": iat,
            "exp": exp,
        });
        if self
            .config
            .users
            .iter()
            .any(|user| user.name() == grant.subject)
        {
            members["username"] = grant.subject.as_str().into();
        }
        if let Some(actor) = &grant.actor {
            members["act"] = json!({ "sub": actor });
        }
        match access.targets.as_slice() {
            [] => {}
            [only] => members["aud"] = only.as_str().into(),
            several => members["aud"] = several.into(),
        }
        members
    }
}
