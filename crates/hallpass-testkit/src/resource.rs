//! Protected resources: what the tokens are for (RFC 6750).

use crate::{AuthorizationServer, Request, Response, json};

impl AuthorizationServer {
    pub(crate) fn resource(&mut self, request: &Request, now: u64) -> Response {
        let realm = "Bearer realm=\"testkit\"";
        let refuse = |status, challenge: String| {
            Response::json(status, "{}")
                .header("WWW-Authenticate", challenge)
                .header("Cache-Control", "no-store")
        };
        if request
            .query_parameters()
            .iter()
            .any(|(name, _)| name == "access_token")
        {
            let challenge = format!(
                "{realm}, error=\"invalid_request\", error_description=\"the token stands in the URL\""
            );
            return refuse(400, challenge);
        }
        let Some(token) = request.header("authorization").and_then(bearer) else {
            return refuse(401, realm.to_owned());
        };
        let Some((token, grant)) = self.ledger.access(token, now) else {
            let challenge = format!(
                "{realm}, error=\"invalid_token\", error_description=\"unknown, expired or revoked\""
            );
            return refuse(401, challenge);
        };
        let (needed, message) = match (request.path(), request.method.as_str()) {
            ("/resource/pets", "POST") => (Some("write:pets"), "Your pet is here now."),
            ("/resource/pets", _) => (Some("read:pets"), "Your pets: Rex, Mia."),
            ("/resource/files", _) => (Some("file_requests.read"), "Your files: notes.txt."),
            _ => (None, "Hello."),
        };
        if let Some(needed) =
            needed.filter(|needed| !token.access.scopes.iter().any(|scope| scope == needed))
        {
            return refuse(
                403,
                format!("{realm}, error=\"insufficient_scope\", scope=\"{needed}\""),
            );
        }
        let members = [
            ("sub", grant.subject.as_str()),
            ("scope", &token.access.scopes.join(" ")),
            ("message", message),
        ];
        let members = members.map(|(name, value)| (name.to_owned(), json::text(value)));
        Response::json(200, json::object(&members)).header("Cache-Control", "no-store")
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start_matches(' '))
}
