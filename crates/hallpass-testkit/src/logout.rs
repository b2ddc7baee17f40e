//! The end of sessions: RP-initiated, and by the front channel (OpenID Connect RP-Initiated Logout, Front-Channel Logout).

use serde_json::Value;

use crate::{
    AuthorizationServer, BackChannelLogout, Client, Fault, Request, Response,
    form::{self, Parameters},
    jws::{self, Object},
    loopback, page,
    session::Session,
};

impl AuthorizationServer {
    /// `end_session_endpoint`.
    pub(crate) fn end_session(&mut self, request: &Request, now: u64) -> Response {
        let asked = match request.method.as_str() {
            "GET" => request.query().to_owned(),
            "POST" => String::from_utf8_lossy(&request.body).into_owned(),
            _ => return Response::new(405).header("Allow", "GET, POST"),
        };
        let Ok(parameters) = Parameters::parse(&asked) else {
            return page::problem(
                "The request is not encoded as it should be, or says something twice.",
            );
        };
        let hint = match parameters
            .find("id_token_hint")
            .map(|hint| self.own_claims(hint))
        {
            Some(None) => return page::problem("The id_token_hint is no ID token of this server."),
            hint => hint.flatten().unwrap_or_default(),
        };
        let text = |name: &str| hint.get(name).and_then(Value::as_str);
        let named = parameters.find("client_id");
        let hinted = text("aud");
        if named.is_some() && hinted.is_some() && named != hinted {
            return page::problem("The client_id is not that of the id_token_hint.");
        }
        let client = named.or(hinted).and_then(|id| self.config.find_client(id));
        let back_to = match parameters.find("post_logout_redirect_uri") {
            None => None,
            Some(uri) => {
                let is_known = |client: &Client| {
                    let known = &client.openid.post_logout_redirect_uris;
                    known.iter().any(|known| loopback::fits(known, uri))
                };
                if !client.is_some_and(is_known) {
                    return page::problem("This post_logout_redirect_uri is not registered.");
                }
                Some(uri.to_owned())
            }
        };
        let session = self.session(request).cloned();
        let session = session.or_else(|| self.session_of(text("sid")?).cloned());
        let frames = session.map_or_else(Vec::new, |session| self.end(&session, now));
        let state = self.logout_state(parameters.find("state"));
        let back_to = back_to.map(|uri| match &state {
            None => uri,
            Some(state) => {
                let mark = if uri.contains('?') { '&' } else { '?' };
                format!("{uri}{mark}{}", form::encode([("state", state.as_str())]))
            }
        });
        let response = match back_to {
            Some(uri) if frames.is_empty() => Response::new(303)
                .header("Location", uri)
                .header("Cache-Control", "no-store"),
            back_to => page::logged_out(&frames, back_to.as_deref()),
        };
        Self::without_session(response)
    }

    /// Logs a user out of every session, as an administrator does. Returns the addresses that a browser would open in
    /// frames (OpenID Connect Front-Channel Logout §2); what goes through the back channel is at
    /// [`take_back_channel_logouts`](Self::take_back_channel_logouts).
    pub fn log_out_user(&mut self, user: &str, now: u64) -> Vec<String> {
        let sessions = self.sessions.of_user(user);
        sessions
            .iter()
            .flat_map(|session| self.end(session, now))
            .collect()
    }

    /// Ends a session, and tells its clients. Returns the addresses for the front channel.
    fn end(&mut self, session: &Session, now: u64) -> Vec<String> {
        self.sessions.remove(&session.sid);
        let ids = self.ledger.end_session(&session.sid);
        let clients: Vec<Client> = ids
            .iter()
            .filter_map(|id| self.config.find_client(id).cloned())
            .collect();
        let mut frames = Vec::new();
        for client in clients {
            if let Some(uri) = client.openid.back_channel_logout_uri.clone() {
                let (sub, sid) = (Some(session.user.as_str()), Some(session.sid.as_str()));
                if let Some(logout_token) = self.logout_token(client.id(), sub, sid, now) {
                    self.back_channel
                        .push(BackChannelLogout { uri, logout_token });
                }
            }
            frames.extend(self.front_channel_uri(&client, &session.sid));
        }
        frames
    }

    fn front_channel_uri(&mut self, client: &Client, sid: &str) -> Option<String> {
        let uri = client.openid.front_channel_logout_uri.clone()?;
        if !client.openid.front_channel_session {
            return Some(uri);
        }
        let mut shown = [("iss", self.issuer().to_owned()), ("sid", sid.to_owned())];
        let changed = self.faults.take(|fault| match fault {
            Fault::FrontChannelIssuer => Some(("iss", "https://other-issuer.example")),
            Fault::FrontChannelSession => Some(("sid", "another-session")),
            _ => None,
        });
        for (name, value) in &mut shown {
            if let Some((_, other)) = changed.filter(|(changed, _)| changed == name) {
                *value = other.to_owned();
            }
        }
        let mark = if uri.contains('?') { '&' } else { '?' };
        let pairs = shown.iter().map(|(name, value)| (*name, value.as_str()));
        Some(format!("{uri}{mark}{}", form::encode(pairs)))
    }

    fn logout_state(&mut self, state: Option<&str>) -> Option<String> {
        let state = state?;
        if self.faults.happens(&Fault::LogoutStateMissing) {
            return None;
        }
        let altered = self.faults.happens(&Fault::LogoutStateAltered);
        Some(match altered {
            true => format!("{state}-altered"),
            false => state.to_owned(),
        })
    }

    /// The claims of a JWT that names this server as its issuer. An ID token that has expired is a good hint
    /// (OpenID Connect RP-Initiated Logout §2), and so is one that a fault has spoilt.
    fn own_claims(&self, compact: &str) -> Option<Object> {
        let claims = jws::unverified_claims(compact)?;
        let iss = claims.get("iss").and_then(Value::as_str);
        (iss == Some(self.issuer())).then_some(claims)
    }

    fn session_of(&self, sid: &str) -> Option<&Session> {
        self.sessions.by_sid(sid)
    }
}
