//! The provider tells of a logout through the user agent, in a frame (OpenID Connect Front-Channel Logout §2).

use std::fmt;

use hallpass_grant::{Error, Parameters};
use hallpass_token::Secret;

use super::SessionRequirement;
use super::pending_logout::query;
use crate::Fault;

/// A request for the frame at `frontchannel_logout_uri`: some session at the provider is over.
///
/// Anybody can have a user agent make it, so all that it does is log out. Answer 200 with [`HEADERS`](Self::HEADERS) and let others frame it.
#[derive(Clone)]
pub struct FrontChannelLogout {
    session: Option<NamedSession>,
}

#[derive(Clone)]
struct NamedSession {
    issuer: String,
    sid: Secret,
}

impl FrontChannelLogout {
    /// What the answer to such a request has, so that nobody logs out from a cache.
    pub const HEADERS: [(&str, &str); 2] = [
        ("cache-control", "no-cache, no-store"),
        ("pragma", "no-cache"),
    ];

    /// Reads a request. `url` is a whole address, or the target of a request line.
    ///
    /// # Errors
    /// [`Fault::LogoutSession`] where `iss` comes without `sid`, `sid` without `iss`, or neither though this client is registered so that
    /// both must; a [`Violation`](hallpass_grant::Violation) where the query cannot be taken apart.
    pub fn read(url: &str, requirement: SessionRequirement) -> Result<Self, Error> {
        let parameters = Parameters::parse(query(url))?;
        let text = |name| parameters.value(name).filter(|text| !text.is_empty());
        let session = match (text("iss"), text("sid"), requirement) {
            (Some(issuer), Some(sid), _) => Some(NamedSession {
                issuer: issuer.to_owned(),
                sid: sid.into(),
            }),
            (None, None, SessionRequirement::Optional) => None,
            _ => return Err(Fault::LogoutSession.into()),
        };
        Ok(Self { session })
    }

    /// The session that is over: its issuer and its `sid`. `None`: whichever this user agent has here.
    pub fn session(&self) -> Option<(&str, &str)> {
        let session = self.session.as_ref()?;
        Some((&session.issuer, session.sid.expose_secret()))
    }

    /// Whether a session of this user agent's, of this issuer and with this `sid` in its ID token, is over. One without a `sid` is not
    /// the one that is named.
    pub fn ends(&self, issuer: impl AsRef<str>, sid: Option<&str>) -> bool {
        let Some(session) = &self.session else {
            return true;
        };
        session.issuer == issuer.as_ref() && sid.is_some_and(|sid| Secret::from(sid) == session.sid)
    }
}

/// Shows no session.
impl fmt::Debug for FrontChannelLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.session {
            Some(_) => "FrontChannelLogout(one session)",
            None => "FrontChannelLogout(this user agent)",
        })
    }
}

#[cfg(test)]
mod tests {
    use hallpass_grant::Issuer;

    use super::*;

    const NAMED: &str = "/logout?own=1&iss=https%3A%2F%2Fop.example&sid=s%2B1";

    fn issuer(text: &str) -> Issuer {
        Issuer::new(text).unwrap()
    }

    #[test]
    fn the_named_session_ends_and_no_other() {
        for requirement in [SessionRequirement::Optional, SessionRequirement::Required] {
            let logout = FrontChannelLogout::read(NAMED, requirement).unwrap();
            assert_eq!(logout.session(), Some(("https://op.example", "s+1")));
            let op = issuer("https://op.example");
            assert!(logout.ends(&op, Some("s+1")));
            assert!(!logout.ends(&op, Some("s+2")));
            assert!(!logout.ends(&op, Some("s+")));
            assert!(!logout.ends(&op, None));
            assert!(!logout.ends(issuer("https://op.example/"), Some("s+1")));
        }
    }

    #[test]
    fn without_a_name_this_user_agents_session_ends_unless_a_name_is_required() {
        for url in [
            "/logout",
            "/logout?own=1",
            "/logout?iss=&sid=",
            "/logout#iss=a&sid=b",
        ] {
            let logout = FrontChannelLogout::read(url, SessionRequirement::Optional).unwrap();
            assert_eq!(logout.session(), None);
            assert!(logout.ends(issuer("https://op.example"), None));
            let required = FrontChannelLogout::read(url, SessionRequirement::Required);
            let error = required.map(|_| ()).unwrap_err();
            assert_eq!(Fault::of(&error), Some(&Fault::LogoutSession), "{url}");
        }
    }

    #[test]
    fn iss_and_sid_come_together_and_once() {
        for url in [
            "/logout?iss=https://op.example",
            "/logout?sid=1",
            "/logout?iss=a&sid=",
        ] {
            for requirement in [SessionRequirement::Optional, SessionRequirement::Required] {
                let error = FrontChannelLogout::read(url, requirement).map(|_| ());
                assert_eq!(Fault::of(&error.unwrap_err()), Some(&Fault::LogoutSession));
            }
        }
        let twice = format!("{NAMED}&sid=other");
        assert!(FrontChannelLogout::read(&twice, SessionRequirement::Optional).is_err());
    }

    #[test]
    fn debug_shows_no_session_and_a_registration_says_what_is_required() {
        let logout = FrontChannelLogout::read(NAMED, true.into()).unwrap();
        assert_eq!(format!("{logout:?}"), "FrontChannelLogout(one session)");
        let logout = FrontChannelLogout::read("/logout", false.into()).unwrap();
        assert_eq!(format!("{logout:?}"), "FrontChannelLogout(this user agent)");
        assert_eq!(
            SessionRequirement::from(false),
            SessionRequirement::Optional
        );
        assert!(FrontChannelLogout::HEADERS.contains(&("cache-control", "no-cache, no-store")));
    }
}
