//! Who is logged in, in which browser.

use std::collections::BTreeMap;

use crate::{AuthorizationServer, Request, Response, User};

/// The cookie's name. Cookies know no ports, so that another server on this host may read and replace it; the worst is
/// another login.
pub(crate) const COOKIE: &str = "testkit_session";

/// The cookie that the frame of session management reads: it changes with the session, and is no secret.
const BROWSER_STATE: &str = "testkit_browser_state";

#[derive(Default)]
pub(crate) struct Sessions(BTreeMap<String, Session>);

#[derive(Clone, Default)]
pub(crate) struct Session {
    pub(crate) user: String,
    /// Stands in the consent page and comes back with the decision, so that no other page can decide.
    pub(crate) csrf: String,
    /// When it began, in seconds since 1970.
    pub(crate) auth_time: u64,
    /// What clients know it by.
    pub(crate) sid: String,
    /// What the frame of session management sees of it.
    pub(crate) browser_state: String,
}

impl AuthorizationServer {
    pub(crate) fn session(&self, request: &Request) -> Option<&Session> {
        self.sessions.0.get(session_id(request)?)
    }

    /// Begins a session if the password is right, and returns its cookie.
    pub(crate) fn log_in(&mut self, name: &str, password: &str, now: u64) -> Option<String> {
        self.find_user(name, password)?;
        let (cookie, _) = self.begin_session(name, now);
        Some(cookie)
    }

    /// Begins a session and returns its cookie.
    pub(crate) fn begin_session(&mut self, name: &str, now: u64) -> (String, Session) {
        let (id, csrf) = (self.random.text(), self.random.text());
        let sid = self.random.derived(&format!("sid {id}"));
        let browser_state = self.random.derived(&format!("browser state {id}"));
        let secure = if self.issuer().starts_with("https://") {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        let session = Session {
            user: name.to_owned(),
            csrf,
            auth_time: now,
            sid,
            browser_state,
        };
        self.sessions.0.insert(id, session.clone());
        (cookie, session)
    }

    /// The answer with the cookie that the frame of session management reads.
    pub(crate) fn with_browser_state(&self, response: Response, session: &Session) -> Response {
        let same_site = match self.issuer().starts_with("https://") {
            true => "SameSite=None; Secure",
            false => "SameSite=Lax",
        };
        let state = &session.browser_state;
        let cookie = format!("{BROWSER_STATE}={state}; Path=/; {same_site}");
        response.header("Set-Cookie", cookie)
    }

    /// The answer after which the browser has no session.
    pub(crate) fn without_session(response: Response) -> Response {
        let gone = "; Path=/; Max-Age=0";
        response
            .header("Set-Cookie", format!("{COOKIE}={gone}"))
            .header("Set-Cookie", format!("{BROWSER_STATE}={gone}"))
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

impl Sessions {
    pub(crate) fn by_sid(&self, sid: &str) -> Option<&Session> {
        self.0.values().find(|session| session.sid == sid)
    }

    pub(crate) fn of_user(&self, user: &str) -> Vec<Session> {
        let sessions = self.0.values().filter(|session| session.user == user);
        sessions.cloned().collect()
    }

    pub(crate) fn remove(&mut self, sid: &str) {
        self.0.retain(|_, session| session.sid != sid);
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.values().map(|session| &session.user))
            .finish()
    }
}
