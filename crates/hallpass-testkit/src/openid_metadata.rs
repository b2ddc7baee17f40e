//! What the server says about itself as an OpenID provider (OpenID Connect Discovery §3).

use crate::{Algorithm, AuthorizationServer, claims, json, response_type::ResponseType};

impl AuthorizationServer {
    /// The members that plain OAuth does not know.
    pub(crate) fn openid_members(&self) -> Vec<(String, String)> {
        let at = |path: &str| json::text(&format!("{}{path}", self.issuer()));
        let yes = || "true".to_owned();
        let algorithms = || json::texts(Algorithm::ALL.map(Algorithm::name));
        let claims = claims::supported();
        let members = [
            ("jwks_uri", at("/oauth/jwks")),
            ("userinfo_endpoint", at("/oauth/userinfo")),
            ("end_session_endpoint", at("/oauth/logout")),
            ("check_session_iframe", at("/oauth/check_session")),
            ("frontchannel_logout_supported", yes()),
            ("frontchannel_logout_session_supported", yes()),
            ("backchannel_logout_supported", yes()),
            ("backchannel_logout_session_supported", yes()),
            ("request_parameter_supported", yes()),
            ("request_uri_parameter_supported", yes()),
            ("require_request_uri_registration", "false".to_owned()),
            (
                "request_object_signing_alg_values_supported",
                json::texts(["none", "RS256", "PS256", "ES256", "HS256"]),
            ),
            ("subject_types_supported", json::texts(["public"])),
            ("id_token_signing_alg_values_supported", algorithms()),
            ("userinfo_signing_alg_values_supported", algorithms()),
            ("acr_values_supported", json::texts(["0", "1", "2"])),
            ("claims_supported", json::texts(claims)),
            (
                "claim_types_supported",
                json::texts(["normal", "aggregated", "distributed"]),
            ),
            ("claims_parameter_supported", yes()),
            ("display_values_supported", json::texts(["page"])),
            (
                "prompt_values_supported",
                json::texts(["none", "login", "consent", "select_account"]),
            ),
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

/// The response types, as metadata lists them.
pub(crate) fn response_types() -> String {
    json::texts(ResponseType::ALL.map(ResponseType::name))
}
