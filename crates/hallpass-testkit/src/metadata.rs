//! What the server says about itself (RFC 8414).

use crate::{
    AuthenticationMethod, AuthorizationServer, Fault, GrantType, Request, Response, Value,
    WellKnown, json, openid_metadata::response_types,
};

/// The algorithms of what clients sign, but for DPoP proofs.
const SIGNED_BY_CLIENTS: [&str; 4] = ["ES256", "RS256", "PS256", "HS256"];

impl AuthorizationServer {
    pub(crate) fn metadata(&mut self, request: &Request) -> Response {
        if request.method != "GET" {
            return Response::new(405).header("Allow", "GET");
        }
        let place = if request.path().ends_with("openid-configuration") {
            WellKnown::OpenId
        } else {
            WellKnown::OAuth
        };
        let is_elsewhere = |fault: &Fault| match fault {
            Fault::MetadataOnlyAt(only) if *only != place => Some(()),
            _ => None,
        };
        if self.faults.take(is_elsewhere).is_some() {
            return Response::json(404, "{}");
        }
        let issuer = self.issuer().to_owned();
        let at = |path: &str| json::text(&format!("{issuer}{path}"));
        let mut members: Vec<(String, String)> = [
            ("issuer", json::text(&issuer)),
            ("authorization_endpoint", at("/oauth/authorize")),
            ("token_endpoint", at("/oauth/token")),
            ("pushed_authorization_request_endpoint", at("/oauth/par")),
            (
                "require_pushed_authorization_requests",
                self.config
                    .require_pushed_authorization_requests
                    .to_string(),
            ),
            (
                "device_authorization_endpoint",
                at("/oauth/device_authorization"),
            ),
            ("revocation_endpoint", at("/oauth/revoke")),
            ("registration_endpoint", at("/oauth/register")),
            ("introspection_endpoint", at("/oauth/introspect")),
            (
                "scopes_supported",
                json::texts(self.config.scopes.iter().map(|(scope, _)| scope.as_str())),
            ),
            ("response_types_supported", response_types()),
            (
                "response_modes_supported",
                json::texts(["query", "fragment", "form_post"]),
            ),
            (
                "grant_types_supported",
                json::texts(GrantType::ALL.map(GrantType::name)),
            ),
            (
                "token_endpoint_auth_methods_supported",
                json::texts(AuthenticationMethod::ALL.map(AuthenticationMethod::name)),
            ),
            (
                "introspection_endpoint_auth_methods_supported",
                json::texts(AuthenticationMethod::CONFIDENTIAL.map(AuthenticationMethod::name)),
            ),
            (
                "revocation_endpoint_auth_methods_supported",
                json::texts(AuthenticationMethod::ALL.map(AuthenticationMethod::name)),
            ),
            (
                "token_endpoint_auth_signing_alg_values_supported",
                json::texts(SIGNED_BY_CLIENTS),
            ),
            (
                "revocation_endpoint_auth_signing_alg_values_supported",
                json::texts(SIGNED_BY_CLIENTS),
            ),
            (
                "introspection_endpoint_auth_signing_alg_values_supported",
                json::texts(SIGNED_BY_CLIENTS),
            ),
            ("code_challenge_methods_supported", json::texts(["S256"])),
            ("dpop_signing_alg_values_supported", json::texts(["ES256"])),
            (
                "authorization_response_iss_parameter_supported",
                self.config.iss_parameter.to_string(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        members.extend(self.openid_members());
        // Several may be on, each for a member of its own; of two for the same member the first counts.
        let mut changed: Vec<String> = Vec::new();
        while let Some((name, value)) = self
            .faults
            .take(|fault| wrong(fault, &issuer).filter(|(name, _)| !changed.contains(name)))
        {
            members.retain(|(known, _)| *known != name);
            members.extend(value.map(|value| (name.clone(), value)));
            changed.push(name);
        }
        if place == WellKnown::OpenId && self.faults.happens(&Fault::MetadataDiffers) {
            for (_, value) in &mut members {
                *value = value.replace("/oauth/", "/oauth2/");
            }
        }
        Response::json(200, json::object(&members))
    }
}

/// The member that a fault changes, and what it is then, if anything.
fn wrong(fault: &Fault, own: &str) -> Option<(String, Option<String>)> {
    let (name, value) = match fault {
        Fault::PkcePlainOnly => (
            "code_challenge_methods_supported",
            Some(json::texts(["plain"])),
        ),
        Fault::MetadataIssuer(issuer) => ("issuer", Some(json::text(issuer))),
        Fault::MetadataIssuerCase => ("issuer", Some(json::text(&own.to_ascii_uppercase()))),
        Fault::MetadataIssuerSlash => ("issuer", Some(json::text(&format!("{own}/")))),
        Fault::RevocationAtToken => (
            "revocation_endpoint",
            Some(json::text(&format!("{own}/oauth/token"))),
        ),
        Fault::MetadataInsecureEndpoint => (
            "token_endpoint",
            Some(json::text("http://auth.example/oauth/token")),
        ),
        Fault::MetadataMember { name, value } => match value {
            Value::Absent => (name.as_str(), None),
            Value::Text(text) => (name.as_str(), Some(json::text(text))),
            Value::Json(json) => (name.as_str(), Some(json.clone())),
        },
        _ => return None,
    };
    Some((name.to_owned(), value))
}
