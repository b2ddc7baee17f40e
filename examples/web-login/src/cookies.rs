//! The two kinds of cookie: one for who is logged in, and one for each login that was begun in this browser.

use axum_extra::extract::CookieJar;
use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{Home, local_path::LocalPath};

const SESSION: &str = "session";
const LOGIN: &str = "login-";
/// Logins that one browser may have begun at the same time. Whoever begins more has given up the others, and their cookies would
/// only fill each request.
const MOST_LOGINS: usize = 8;
/// As long as `PendingLogins` keeps the other half.
const LOGIN_LASTS: time::Duration = time::Duration::minutes(10);

/// The id of the web session, as the browser says it.
pub(crate) fn session(home: &Home, jar: &CookieJar) -> Option<String> {
    let cookie = jar.get(&home.cookie_name(SESSION))?;
    Some(cookie.value().to_owned())
}

pub(crate) fn with_session(home: &Home, jar: CookieJar, id: String) -> CookieJar {
    jar.add(home.cookie(SESSION, id))
}

pub(crate) fn without_session(home: &Home, jar: CookieJar) -> CookieJar {
    jar.remove(home.cookie(SESSION, String::new()))
}

/// A login that was begun in this browser: the ticket to its `Pending`, and where to go on.
pub(crate) struct BegunLogin {
    pub(crate) ticket: String,
    pub(crate) return_to: LocalPath,
}

impl BegunLogin {
    /// Each has a cookie of its own, so that two tabs that begin at the same moment do not overwrite each other's.
    fn name(&self) -> String {
        let ticket: String = self.ticket.chars().take(8).collect();
        format!("{LOGIN}{ticket}")
    }

    fn read(value: &str) -> Option<Self> {
        let (ticket, path) = value.split_once('.')?;
        let path = Base64UrlUnpadded::decode_vec(path).ok()?;
        let path = String::from_utf8(path).ok()?;
        Some(Self {
            ticket: ticket.to_owned(),
            // A cookie is what the browser says, and read as such.
            return_to: LocalPath::new(&path)?,
        })
    }

    fn written(&self) -> String {
        let path = Base64UrlUnpadded::encode_string(self.return_to.as_str().as_bytes());
        format!("{}.{path}", self.ticket)
    }
}

/// The logins that this browser has begun and not finished.
pub(crate) fn begun_logins(home: &Home, jar: &CookieJar) -> Vec<BegunLogin> {
    let prefix = home.cookie_name(LOGIN);
    let ours = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with(&prefix));
    ours.filter_map(|cookie| BegunLogin::read(cookie.value()))
        .collect()
}

pub(crate) fn with_login(home: &Home, jar: CookieJar, login: &BegunLogin) -> CookieJar {
    let begun = begun_logins(home, &jar);
    let jar = match begun.len() < MOST_LOGINS {
        true => jar,
        false => begun
            .iter()
            .fold(jar, |jar, login| without_login(home, jar, login)),
    };
    let mut cookie = home.cookie(&login.name(), login.written());
    cookie.set_max_age(LOGIN_LASTS);
    jar.add(cookie)
}

pub(crate) fn without_login(home: &Home, jar: CookieJar, login: &BegunLogin) -> CookieJar {
    jar.remove(home.cookie(&login.name(), String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_begun_login_comes_back_as_it_went() {
        let begun = BegunLogin {
            ticket: "t".repeat(43),
            return_to: LocalPath::new("/account?a=b;c,d=\"e\"").unwrap(),
        };
        let read = BegunLogin::read(&begun.written()).unwrap();
        assert_eq!(
            (read.ticket, read.return_to),
            (begun.ticket, begun.return_to)
        );
    }

    #[test]
    fn a_cookie_that_leads_elsewhere_is_no_login() {
        let elsewhere = Base64UrlUnpadded::encode_string(b"//evil.example");
        for value in [
            "",
            "ticket",
            "ticket.!",
            "ticket.",
            &format!("ticket.{elsewhere}"),
        ] {
            assert!(BegunLogin::read(value).is_none(), "{value}");
        }
    }
}
