//! Session management: a client's frame asks the server's frame whether the session has changed (OpenID Connect Session
//! Management §3).

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use crate::{
    AuthorizationServer, Fault, Request, Response, authorization_request::AuthorizationRequest,
    page, session::Session,
};

const SCRIPT: &str = include_str!("pages/check_session.js");

impl AuthorizationServer {
    /// `session_state` of a good answer (OpenID Connect Session Management §2).
    pub(crate) fn session_state(
        &mut self,
        request: &AuthorizationRequest,
        session: &Session,
    ) -> Option<String> {
        request.openid.as_ref()?;
        if self.faults.happens(&Fault::SessionStateMissing) {
            return None;
        }
        let salt: String = self.random.text().chars().take(16).collect();
        let origin = origin(&request.address.redirect_uri);
        let (id, state) = (request.client.id(), &session.browser_state);
        let hash = Sha256::digest(format!("{id} {origin} {state} {salt}"));
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("{hash}.{salt}"))
    }

    /// `check_session_iframe`. Anybody may frame it.
    pub(crate) fn check_session(request: &Request) -> Response {
        if request.method != "GET" {
            return Response::new(405).header("Allow", "GET");
        }
        let hash = Base64::encode_string(&Sha256::digest(SCRIPT));
        let policy = format!("default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'");
        let names = [("script", SCRIPT)];
        let html = page::fill(include_str!("pages/check_session.html"), &names);
        Response::html(200, html)
            .header("Content-Security-Policy", policy)
            .header("X-Content-Type-Options", "nosniff")
    }
}

/// Scheme, host and port of a URI.
fn origin(uri: &str) -> &str {
    let start = uri.find("://").map_or(0, |at| at + 3);
    let rest = uri.get(start..).unwrap_or_default();
    let end = rest
        .find(['/', '?', '#'])
        .map_or(uri.len(), |at| start + at);
    uri.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_says_it_is() {
        for (uri, expected) in [
            ("https://app.example/callback?a=b", "https://app.example"),
            ("http://127.0.0.1:4711", "http://127.0.0.1:4711"),
            ("http://[::1]:1?x", "http://[::1]:1"),
        ] {
            assert_eq!(origin(uri), expected);
        }
    }
}
