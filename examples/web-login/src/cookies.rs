//! The two kinds of cookie: one for who is logged in, and one for each login that was begun in this browser.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{Home, cookie_pairs::CookiePairs, local_path::LocalPath, set_cookies::SetCookies};

const SESSION: &str = "session";
const LOGIN: &str = "login-";
/// Logins that one browser may have begun at the same time. Whoever begins more has given up the oldest, and their cookies would
/// only fill each request.
const MOST_LOGINS: usize = 8;
/// As long as `PendingLogins` keeps the other half.
const LOGIN_LASTS: Duration = Duration::from_secs(600);
/// Characters of a ticket.
const TICKET: usize = 43;

/// The id of the web session, as the browser says it.
pub(crate) fn session<'p>(home: &Home, pairs: &'p CookiePairs) -> Option<&'p str> {
    pairs.value(&home.cookie_name(SESSION))
}

pub(crate) fn set_session(home: &Home, cookies: &mut SetCookies, id: &str) {
    cookies.keep(home.cookie(SESSION, id));
}

pub(crate) fn remove_session(home: &Home, cookies: &mut SetCookies) {
    cookies.remove(&home.cookie(SESSION, ""));
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
        let is_ticket = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if ticket.len() != TICKET || !ticket.bytes().all(is_ticket) {
            return None;
        }
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

/// The logins that this browser has begun and not finished, the oldest first.
pub(crate) fn begun_logins(home: &Home, pairs: &CookiePairs) -> Vec<BegunLogin> {
    let logins = pairs.iter().filter_map(|(name, value)| {
        let login = BegunLogin::read(value)?;
        (name == home.cookie_name(&login.name())).then_some(login)
    });
    logins.collect()
}

pub(crate) fn set_login(
    home: &Home,
    cookies: &mut SetCookies,
    pairs: &CookiePairs,
    login: &BegunLogin,
) {
    let begun = begun_logins(home, pairs);
    let too_many = (begun.len() + 1).saturating_sub(MOST_LOGINS);
    for login in begun.iter().take(too_many) {
        remove_login(home, cookies, login);
    }
    let cookie = home.cookie(&login.name(), &login.written());
    cookies.keep_for(&cookie, LOGIN_LASTS);
}

pub(crate) fn remove_login(home: &Home, cookies: &mut SetCookies, login: &BegunLogin) {
    cookies.remove(&home.cookie(&login.name(), ""));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_begun_login_comes_back_as_it_went() {
        let begun = BegunLogin {
            ticket: "t".repeat(TICKET),
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
        let path = |path: &str| Base64UrlUnpadded::encode_string(path.as_bytes());
        let (here, elsewhere) = (path("/account"), path("//evil.example"));
        let ticket = "t".repeat(TICKET);
        assert!(BegunLogin::read(&format!("{ticket}.{here}")).is_some());
        for value in [
            "",
            &ticket,
            &format!("{ticket}.!"),
            &format!("{ticket}."),
            &format!("{ticket}.{elsewhere}"),
            &format!("ticket.{here}"),
            &format!("{ticket}t.{here}"),
            &format!("{}.{here}", "=".repeat(TICKET)),
        ] {
            assert!(BegunLogin::read(value).is_none(), "{value}");
        }
    }
}
