//! Claims of other providers, brought along or to be fetched (OpenID Connect Core §5.6.2).

use crate::{
    AuthorizationServer, Client, Endpoint, Jwt, Request, Response, Value, issue::Members, json,
    resource::Refusal,
};

impl AuthorizationServer {
    /// `_claim_names` and `_claim_sources`, where there is something to say.
    pub(crate) fn claims_elsewhere(&mut self, client: &Client, token: &str, now: u64) -> Members {
        let config = &self.config;
        let (aggregated, distributed) = (&config.aggregated_claims, &config.distributed_claims);
        let (aggregated, distributed) = (aggregated.clone(), distributed.clone());
        let mut names = Vec::new();
        let mut sources = Vec::new();
        if !aggregated.is_empty() {
            let each = aggregated
                .iter()
                .map(|(name, _)| (name.clone(), json::text("aggregated")));
            names.extend(each);
            if let Some(compact) = self.sign_elsewhere(client, aggregated, now) {
                let members = [("JWT".to_owned(), json::text(&compact))];
                sources.push(("aggregated".to_owned(), json::object(&members)));
            }
        }
        if !distributed.is_empty() {
            let each = distributed
                .iter()
                .map(|(name, _)| (name.clone(), json::text("distributed")));
            names.extend(each);
            let endpoint = json::text(&format!("{}/oauth/claims", self.issuer()));
            let members = [("endpoint", endpoint), ("access_token", json::text(token))];
            let members = members.map(|(name, value)| (name.to_owned(), value));
            sources.push(("distributed".to_owned(), json::object(&members)));
        }
        if names.is_empty() {
            return Members::new();
        }
        vec![
            ("_claim_names".to_owned(), Value::Json(json::object(&names))),
            (
                "_claim_sources".to_owned(),
                Value::Json(json::object(&sources)),
            ),
        ]
    }

    /// Where the distributed claims are.
    pub(crate) fn distributed_claims(&mut self, request: &Request, now: u64) -> Response {
        match self.try_distributed_claims(request, now) {
            Ok(response) => response.header("Cache-Control", "no-store"),
            Err(refusal) => refusal.response(),
        }
    }

    fn try_distributed_claims(&mut self, request: &Request, now: u64) -> Result<Response, Refusal> {
        let (_, grant, scheme) = self.token_of(Endpoint::Claims, request, now)?;
        let needed = "openid";
        let client = self.config.find_client(&grant.client_id).cloned();
        let client = client.ok_or(Refusal::Scope { scheme, needed })?;
        let claims = self.config.distributed_claims.clone();
        let compact = self
            .sign_elsewhere(&client, claims, now)
            .unwrap_or_default();
        let response = Response::new(200).header("Content-Type", "application/jwt");
        Ok(response.with_body(compact))
    }

    /// Signed by this server's own keys, since there is no other provider here.
    fn sign_elsewhere(&mut self, client: &Client, claims: Members, now: u64) -> Option<String> {
        let own = [("iss", self.issuer()), ("aud", client.id())];
        let own = own.map(|(name, value)| (name.to_owned(), Value::text(value)));
        let claims = own.into_iter().chain(claims).collect();
        self.sign_jwt(Jwt::ClaimsOfAnother, client, claims, now)
    }
}
