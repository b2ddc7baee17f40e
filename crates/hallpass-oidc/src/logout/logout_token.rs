//! A logout token that was verified (OpenID Connect Back-Channel Logout §2.4).

use std::fmt;

use time::UtcDateTime;

use hallpass_grant::Issuer;
use hallpass_jose::Claims;
use hallpass_token::{Json, Secret};

use super::{LogoutRules, SessionRequirement};
use crate::Fault;

/// What a provider says is over: a session, or all of a user's. `Debug` shows the issuer alone.
#[derive(Clone, PartialEq)]
pub struct LogoutToken {
    issuer: Issuer,
    /// As it came: a profile may allow for another way to write it.
    iss: String,
    subject: Option<String>,
    session: Option<Secret>,
    id: String,
    issued_at: UtcDateTime,
    expires_at: Option<UtcDateTime>,
    taken_until: UtcDateTime,
}

impl LogoutToken {
    /// Reads claims whose signature, issuer, audience and dates are right.
    pub(super) fn read(claims: &Claims, rules: &LogoutRules) -> Result<Self, Fault> {
        // Even as `null`: with it, the token could be taken for an ID token.
        if claims.members().value("nonce").is_some() {
            return Err(Fault::LogoutNonce);
        }
        let events = claims.members().value("events").and_then(Json::as_object);
        let event = events.and_then(|events| events.value(EVENT));
        if event.and_then(Json::as_object).is_none() {
            return Err(Fault::LogoutEvent);
        }
        let text = |name| match claims.text(name)? {
            Some("") => Err(Fault::Claim(name)),
            text => Ok(text),
        };
        let (subject, session) = (text("sub")?, text("sid")?);
        match (subject, session, rules.session) {
            (_, Some(_), _) | (Some(_), None, SessionRequirement::Optional) => {}
            _ => return Err(Fault::LogoutSession),
        }
        let iss = text("iss")?.ok_or(Fault::MissingClaim("iss"))?;
        let id = text("jti")?.ok_or(Fault::MissingClaim("jti"))?;
        let issued_at = claims.date("iat")?.ok_or(Fault::MissingClaim("iat"))?;
        Ok(Self {
            issuer: rules.token.issuer().clone(),
            iss: iss.to_owned(),
            subject: subject.map(str::to_owned),
            session: session.map(Secret::from),
            id: id.to_owned(),
            issued_at,
            expires_at: claims.date("exp")?,
            taken_until: issued_at.saturating_add(rules.longest()),
        })
    }

    /// The provider.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The user whose session is over (`sub`).
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The session that is over (`sid`). `None`: all of the user's.
    pub fn session(&self) -> Option<&str> {
        self.session.as_ref().map(Secret::expose_secret)
    }

    /// The token's own name (`jti`).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was issued, UTC.
    pub fn issued_at(&self) -> UtcDateTime {
        self.issued_at
    }

    /// When it ends, UTC.
    pub fn expires_at(&self) -> Option<UtcDateTime> {
        self.expires_at
    }

    /// Until when the rules that took it would take it again, whatever the clocks.
    pub(super) fn taken_until(&self) -> UtcDateTime {
        self.taken_until
    }

    /// Whether a session is over that was begun with an ID token of this issuer, with this `sub` and `sid` in it.
    ///
    /// One whose ID token had no `sid` cannot be told from the user's others, and ends with any of them.
    pub fn ends(&self, issuer: impl AsRef<str>, sub: &str, sid: Option<&str>) -> bool {
        let own = [self.issuer.as_str(), &self.iss];
        let is_own = own.contains(&issuer.as_ref());
        if !is_own || self.subject().is_some_and(|own| own != sub) {
            return false;
        }
        match (&self.session, sid) {
            (Some(own), Some(sid)) => *own == Secret::from(sid),
            _ => self.subject.is_some(),
        }
    }
}

/// What says that a token is a logout token.
pub(crate) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogoutToken(of {})", self.issuer)
    }
}
