//! UserInfo (OpenID Connect Core §5.3).

use crate::{
    AuthorizationServer, Endpoint, Jwt, JwtFault, Request, Response, Value, claims,
    form::Parameters, issue::Members, json, jwt::written, resource::Refusal,
};

impl AuthorizationServer {
    pub(crate) fn user_info(&mut self, request: &Request, now: u64) -> Response {
        if !["GET", "POST"].contains(&request.method.as_str()) {
            return Response::new(405).header("Allow", "GET, POST");
        }
        match self.try_user_info(request, now) {
            Ok(response) => response.header("Cache-Control", "no-store"),
            Err(refusal) => refusal.response(),
        }
    }

    fn try_user_info(&mut self, request: &Request, now: u64) -> Result<Response, Refusal> {
        let request = &in_header(request);
        let (token, grant, scheme) = self.token_of(Endpoint::UserInfo, request, now)?;
        let is_granted = token.access.scopes.iter().any(|scope| scope == "openid");
        let login = grant.login.clone().filter(|_| is_granted);
        let login = login.ok_or(Refusal::Scope {
            scheme,
            needed: "openid",
        })?;
        let mut names = claims::of_scopes(&token.access.scopes);
        names.extend(login.asked.user_info_claims());
        let mut members: Members = vec![("sub".to_owned(), Value::text(&grant.subject))];
        members.extend(self.personal_claims(&grant.subject, names));
        let client = self.config.find_client(&grant.client_id).cloned();
        if let Some(client) = &client {
            let sent = request.header("authorization").unwrap_or_default();
            let text = sent.rsplit(' ').next().unwrap_or_default();
            members.extend(self.claims_elsewhere(client, text, now));
        }
        let signing = client.filter(|client| client.openid.user_info_algorithm.is_some());
        if let Some(client) = signing {
            let own = [("iss", self.issuer()), ("aud", client.id())];
            let own = own.map(|(name, value)| (name.to_owned(), Value::text(value)));
            let signed = own.into_iter().chain(members.clone()).collect();
            if let Some(compact) = self.sign_jwt(Jwt::UserInfo, &client, signed, now) {
                let response = Response::new(200).header("Content-Type", "application/jwt");
                return Ok(response.with_body(compact));
            }
        } else if self.jwt_happens(Jwt::UserInfo, &JwtFault::Missing) {
            return Ok(Response::json(200, json::object(&written(Vec::new()))));
        }
        let members = self.claims_by_fault(Jwt::UserInfo, &grant.client_id, members, now);
        Ok(Response::json(200, json::object(&members)))
    }
}

/// The same with the token in its header that it has in its body (RFC 6750 §2.2).
fn in_header(request: &Request) -> Request {
    let mut request = request.clone();
    if request.method == "POST" && request.header("authorization").is_none() {
        let body = String::from_utf8_lossy(&request.body);
        let form = Parameters::parse(&body).unwrap_or_default();
        if let Some(token) = form.find("access_token") {
            return request
                .clone()
                .with_header("Authorization", format!("Bearer {token}"));
        }
    }
    request.body.clear();
    request
}
