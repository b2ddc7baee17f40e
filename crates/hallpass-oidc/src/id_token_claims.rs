//! What a verified ID token says (OpenID Connect Core §2).

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::Error;
use hallpass_jose::Claims;
use hallpass_token::{Json, Members};

use crate::logout::EVENT;
use crate::{Fault, StandardClaims};

/// The claims of an ID token. There is no way to them but one that has verified the token; what was stored is believed to have been.
///
/// `Debug` shows whose token it is and when it ends: everything else is about a person.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Members", into = "Members")]
pub struct IdTokenClaims {
    issuer: String,
    subject: String,
    audiences: Vec<String>,
    expires_at: UtcDateTime,
    issued_at: UtcDateTime,
    auth_time: Option<UtcDateTime>,
    claims: Members,
}

/// How long a `sub` may be (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

impl IdTokenClaims {
    /// Reads what every ID token has, by type.
    pub(crate) fn read(claims: Claims) -> Result<Self, Fault> {
        // A logout token that does not say so in its header has all that an ID token has (OpenID Connect Back-Channel Logout §4).
        let events = claims.members().value("events").and_then(Json::as_object);
        if events.is_some_and(|events| events.value(EVENT).is_some()) {
            return Err(Fault::TokenType);
        }
        for name in ["nonce", "acr", "azp", "at_hash", "c_hash", "s_hash", "sid"] {
            claims.text(name)?;
        }
        claims.texts("amr")?;
        let subject = claims.text("sub")?.ok_or(Fault::MissingClaim("sub"))?;
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(Fault::Claim("sub"));
        }
        let audiences = claims.texts("aud")?;
        if audiences.is_empty() {
            return Err(Fault::MissingClaim("aud"));
        }
        let required = |name| {
            let date = claims.date(name)?;
            date.ok_or(Fault::MissingClaim(name))
        };
        Ok(Self {
            issuer: claims
                .text("iss")?
                .ok_or(Fault::MissingClaim("iss"))?
                .to_owned(),
            subject: subject.to_owned(),
            audiences: audiences.into_iter().map(str::to_owned).collect(),
            expires_at: required("exp")?,
            issued_at: required("iat")?,
            auth_time: claims.date("auth_time")?,
            claims: claims.into_members(),
        })
    }

    /// Who says so (`iss`).
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who the user is (`sub`). Only together with the issuer is it somebody: another issuer may have the same for another one.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// For whom the token is (`aud`).
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// To which client it was issued (`azp`), where it says so.
    pub fn authorized_party(&self) -> Option<&str> {
        self.text("azp")
    }

    /// When the token ends (`exp`), UTC. That says nothing of when a session ends.
    pub fn expires_at(&self) -> UtcDateTime {
        self.expires_at
    }

    /// When it was issued (`iat`), UTC.
    pub fn issued_at(&self) -> UtcDateTime {
        self.issued_at
    }

    /// When the user proved who they are (`auth_time`), UTC. It is there where `max_age` was asked for.
    pub fn auth_time(&self) -> Option<UtcDateTime> {
        self.auth_time
    }

    /// How well they have proved it (`acr`).
    pub fn acr(&self) -> Option<&str> {
        self.text("acr")
    }

    /// By what means they have proved it (`amr`).
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        let values = match self.claims.value("amr") {
            Some(Json::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values.iter().filter_map(Json::as_str)
    }

    /// The nonce of the login.
    pub fn nonce(&self) -> Option<&str> {
        self.text("nonce")
    }

    /// The user's session at the provider (`sid`), by which a logout names it (OpenID Connect Front-Channel Logout §3).
    pub fn session_id(&self) -> Option<&str> {
        self.text("sid")
    }

    /// The claims about the user that OpenID Connect names, by type.
    ///
    /// # Errors
    /// [`Fault::Claim`] where one has another type.
    pub fn standard(&self) -> Result<StandardClaims, Error> {
        StandardClaims::read(&self.claims)
    }

    /// All claims.
    pub fn members(&self) -> &Members {
        &self.claims
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims.value(name).and_then(Json::as_str)
    }

    /// These, and where they do not say it, which login they are of. Nothing else of an earlier token holds: a claim that is not here may be
    /// withdrawn, and one that is may be another than the earlier one was said of.
    pub(crate) fn of_login(mut self, earlier: &Self) -> Self {
        for name in OF_A_LOGIN {
            if let (None, Some(value)) = (self.claims.value(name), earlier.claims.value(name)) {
                self.claims.insert(name, value.clone());
            }
        }
        self.auth_time = self.auth_time.or(earlier.auth_time);
        self
    }
}

/// What is the same as long as the login lasts (OpenID Connect Core §12.2), and needed when it ends.
const OF_A_LOGIN: [&str; 3] = ["auth_time", "nonce", "sid"];

impl TryFrom<Members> for IdTokenClaims {
    type Error = Error;

    fn try_from(members: Members) -> Result<Self, Error> {
        Ok(Self::read(Claims::from(members))?)
    }
}

impl From<IdTokenClaims> for Members {
    fn from(claims: IdTokenClaims) -> Self {
        claims.claims
    }
}

impl fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("issuer", &self.issuer)
            .field("expires_at", &self.expires_at)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}
