//! Where a user's issuer is (RFC 7033, OpenID Connect Discovery §2).

use crate::{AuthorizationServer, Fault, Request, Response, Value, json};

const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

impl AuthorizationServer {
    /// Says of every user that this is their issuer.
    pub(crate) fn web_finger(&mut self, request: &Request) -> Response {
        if request.method != "GET" {
            return Response::new(405).header("Allow", "GET");
        }
        let parameters = request.query_parameters();
        let find = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let Some(resource) = find("resource").filter(|resource| !resource.is_empty()) else {
            return Response::json(400, "{}");
        };
        let href = self.faults.take(|fault| match fault {
            Fault::WebFingerIssuer(value) => Some(value.clone()),
            _ => None,
        });
        let href = match href {
            None => Some(json::text(self.issuer())),
            Some(Value::Absent) => None,
            Some(Value::Text(text)) => Some(json::text(&text)),
            Some(Value::Json(json)) => Some(json),
        };
        let is_asked = find("rel").is_none_or(|rel| rel == ISSUER);
        let link = href.filter(|_| is_asked).map(|href| {
            let members = [("rel", json::text(ISSUER)), ("href", href)];
            json::object(&members.map(|(name, value)| (name.to_owned(), value)))
        });
        let subject = match self.faults.happens(&Fault::WebFingerSubject) {
            true => "acct:mallory@evil.example",
            false => resource,
        };
        let links = format!("[{}]", link.unwrap_or_default());
        let members = [("subject", json::text(subject)), ("links", links)];
        let members = members.map(|(name, value)| (name.to_owned(), value));
        Response::new(200)
            .header("Content-Type", "application/jrd+json")
            .header("Access-Control-Allow-Origin", "*")
            .with_body(json::object(&members))
    }
}
