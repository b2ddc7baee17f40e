//! Logout tokens (OpenID Connect Back-Channel Logout §2.4).

use crate::{AuthorizationServer, Fault, Jwt, Value};

/// What a logout token is about.
const EVENT: &str = r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#;

/// A logout token on its way to a client: `logout_token` in a form that is posted.
#[derive(Clone, Eq, PartialEq)]
pub struct BackChannelLogout {
    /// The client's `backchannel_logout_uri`.
    pub uri: String,
    /// The token.
    pub logout_token: String,
}

impl AuthorizationServer {
    /// A logout token for a client, about a user or a session or both. `None` where no client has this id, or a fault keeps
    /// it back. Each has a `jti` of its own and is good for two minutes.
    pub fn logout_token(
        &mut self,
        client_id: &str,
        sub: Option<&str>,
        sid: Option<&str>,
        now: u64,
    ) -> Option<String> {
        let client = self.config.find_client(client_id)?.clone();
        let number = |number: u64| Value::Json(number.to_string());
        let mut claims = vec![
            ("iss", Value::text(self.issuer())),
            ("aud", Value::text(client.id())),
            ("iat", number(now)),
            ("exp", number(now.saturating_add(120))),
            ("jti", Value::Text(self.random.text())),
            ("events", Value::json(EVENT)),
        ];
        let is_of_nobody = self.faults.happens(&Fault::LogoutTokenNoSubject);
        let (sub, sid) = (sub.filter(|_| !is_of_nobody), sid.filter(|_| !is_of_nobody));
        claims.extend(sub.map(|sub| ("sub", Value::text(sub))));
        claims.extend(sid.map(|sid| ("sid", Value::text(sid))));
        let claims = claims.into_iter();
        let claims = claims
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        self.sign_jwt(Jwt::LogoutToken, &client, claims, now)
    }

    /// What is to be posted to clients whose sessions have ended, and has not been taken before. A `TestServer` posts to
    /// `http` on a loopback IP itself.
    pub fn take_back_channel_logouts(&mut self) -> Vec<BackChannelLogout> {
        std::mem::take(&mut self.back_channel)
    }
}

impl std::fmt::Debug for BackChannelLogout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackChannelLogout")
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}
