//! Who is logged in, in which browser.

use std::collections::BTreeMap;

use crate::{AuthorizationServer, Request, User};

/// The cookie's name. Cookies know no ports, so that another server on this host may read and replace it; the worst is
/// another login.
pub(crate) const COOKIE: &str = "testkit_session";

#[derive(Default)]
pub(crate) struct Sessions(BTreeMap<String, Session>);

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) user: String,
    /// Stands in the consent page and comes back with the decision, so that no other page can decide.
    pub(crate) csrf: String,
}

impl AuthorizationServer {
    pub(crate) fn session(&self, request: &Request) -> Option<&Session> {
        self.sessions.0.get(session_id(request)?)
    }

    /// Begins a session if the password is right, and returns its cookie.
    pub(crate) fn log_in(&mut self, name: &str, password: &str) -> Option<String> {
        self.find_user(name, password)?;
        let (id, csrf) = (self.random.text(), self.random.text());
        let secure = if self.issuer().starts_with("https://") {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        self.sessions.0.insert(
            id,
            Session {
                user: name.to_owned(),
                csrf,
            },
        );
        Some(cookie)
    }

    pub(crate) fn log_out(&mut self, request: &Request) {
        if let Some(id) = session_id(request) {
            self.sessions.0.remove(id);
        }
    }

    pub(crate) fn find_user(&self, name: &str, password: &str) -> Option<&User> {
        self.config
            .users
            .iter()
            .find(|user| user.name() == name && user.password() == password)
    }
}

fn session_id(request: &Request) -> Option<&str> {
    let cookies = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let mut pairs = cookies
        .flat_map(|(_, value)| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.values().map(|session| &session.user))
            .finish()
    }
}
