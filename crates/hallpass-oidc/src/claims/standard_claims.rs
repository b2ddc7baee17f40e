//! The standard claims (OpenID Connect Core §5.1), by type.

use std::fmt;

use time::UtcDateTime;

use hallpass_grant::Error;
use hallpass_token::{Json, Members};

use super::{Address, Birthdate, ClaimsProfile, NullClaim};
use crate::Fault;

/// What is said of a user, as an ID token or UserInfo says it: each standard claim by its type, every other one as it came.
///
/// Read it from claims that were checked. `Debug` shows how many claims there are and none of their values.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct StandardClaims {
    /// Who the user is at this issuer: the one claim to know somebody again by, together with `iss`.
    pub sub: String,
    /// The full name, as it is to be shown.
    pub name: Option<String>,
    /// The given names.
    pub given_name: Option<String>,
    /// The family names.
    pub family_name: Option<String>,
    /// The middle names.
    pub middle_name: Option<String>,
    /// What they are called.
    pub nickname: Option<String>,
    /// What they would like to be called here. Any text; others may have the same.
    pub preferred_username: Option<String>,
    /// The address of their profile.
    pub profile: Option<String>,
    /// The address of their picture.
    pub picture: Option<String>,
    /// The address of their web page.
    pub website: Option<String>,
    /// Their e-mail address. Others may have the same: see [`verified_email`](Self::verified_email).
    pub email: Option<String>,
    /// Whether the provider has made sure that they have this e-mail address.
    pub email_verified: Option<bool>,
    /// Their gender: `female`, `male`, or any other text.
    pub gender: Option<String>,
    /// When they were born.
    pub birthdate: Option<Birthdate>,
    /// Their time zone, as the IANA database names it.
    pub zoneinfo: Option<String>,
    /// Their language: `en-US`, at some providers `en_US`.
    pub locale: Option<String>,
    /// Their telephone number.
    pub phone_number: Option<String>,
    /// Whether the provider has made sure that they have this number.
    pub phone_number_verified: Option<bool>,
    /// Where they live.
    pub address: Option<Address>,
    /// When any of this was last changed, UTC.
    pub updated_at: Option<UtcDateTime>,
    /// Every other claim, those in a language (`name#de`) among them.
    pub extra: Members,
}

impl StandardClaims {
    /// Reads them to the letter.
    ///
    /// # Errors
    /// [`Fault::StandardClaim`] names the claim whose value has the wrong type; [`Fault::MissingClaim`] where `sub` is missing.
    pub fn read(claims: &Members) -> Result<Self, Error> {
        Self::read_as(claims, &ClaimsProfile::STRICT)
    }

    /// Reads those of a provider that differs.
    ///
    /// # Errors
    /// As for [`read`](Self::read), as far as the profile does not spare them.
    pub fn read_as(claims: &Members, profile: &ClaimsProfile) -> Result<Self, Error> {
        let reader = &Reader(*profile);
        let mut members = claims.clone();
        let rest = &mut members;
        let read = Self {
            sub: reader.sub(rest)?,
            name: reader.text(rest, "name")?,
            given_name: reader.text(rest, "given_name")?,
            family_name: reader.text(rest, "family_name")?,
            middle_name: reader.text(rest, "middle_name")?,
            nickname: reader.text(rest, "nickname")?,
            preferred_username: reader.text(rest, "preferred_username")?,
            profile: reader.text(rest, "profile")?,
            picture: reader.text(rest, "picture")?,
            website: reader.text(rest, "website")?,
            email: reader.text(rest, "email")?,
            email_verified: reader.boolean(rest, "email_verified")?,
            gender: reader.text(rest, "gender")?,
            birthdate: reader.birthdate(rest)?,
            zoneinfo: reader.text(rest, "zoneinfo")?,
            locale: reader.text(rest, "locale")?,
            phone_number: reader.text(rest, "phone_number")?,
            phone_number_verified: reader.boolean(rest, "phone_number_verified")?,
            address: reader.address(rest)?,
            updated_at: reader.date(rest, "updated_at")?,
            extra: Members::default(),
        };
        reader.check_tagged(&members)?;
        Ok(Self {
            extra: members,
            ..read
        })
    }

    /// The e-mail address, if the provider has made sure that it is theirs. Nobody is to be known again by another.
    pub fn verified_email(&self) -> Option<&str> {
        match self.email_verified {
            Some(true) => self.email.as_deref(),
            _ => None,
        }
    }

    /// A claim in a language, where it came in that one too (OpenID Connect Core §5.2): `in_language("name", "ja-Hani-JP")` is the text of
    /// `name#ja-Hani-JP`, in whatever case the tag is written.
    pub fn in_language(&self, claim: &str, language: &str) -> Option<&str> {
        let mut tagged = self.extra.iter().filter_map(|(name, value)| {
            let (own, tag) = name.split_once('#')?;
            (own == claim && tag.eq_ignore_ascii_case(language)).then_some(value)
        });
        tagged.next().and_then(Json::as_str)
    }
}

impl fmt::Debug for StandardClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StandardClaims(…, {} others)", self.extra.len())
    }
}

/// Which claims may come in a language: those that are texts.
const TEXTS: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "zoneinfo",
    "locale",
    "phone_number",
];

/// Takes claims out by type, as the profile has them.
pub(super) struct Reader(ClaimsProfile);

impl Reader {
    pub(super) fn text(
        &self,
        claims: &mut Members,
        name: &'static str,
    ) -> Result<Option<String>, Fault> {
        match self.take(claims, name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(Fault::StandardClaim(name)),
        }
    }

    /// Never `null`: without it the claims are nobody's.
    fn sub(&self, claims: &mut Members) -> Result<String, Fault> {
        match claims.remove("sub") {
            None => Err(Fault::MissingClaim("sub")),
            Some(Json::String(sub)) if !sub.is_empty() => Ok(sub),
            Some(_) => Err(Fault::StandardClaim("sub")),
        }
    }

    fn boolean(&self, claims: &mut Members, name: &'static str) -> Result<Option<bool>, Fault> {
        let read = |value| {
            self.0
                .booleans
                .read(&value)
                .ok_or(Fault::StandardClaim(name))
        };
        self.take(claims, name).map(read).transpose()
    }

    fn date(&self, claims: &mut Members, name: &'static str) -> Result<Option<UtcDateTime>, Fault> {
        let read = |value| self.0.dates.read(&value).ok_or(Fault::StandardClaim(name));
        self.take(claims, name).map(read).transpose()
    }

    fn birthdate(&self, claims: &mut Members) -> Result<Option<Birthdate>, Fault> {
        const NAME: &str = "birthdate";
        let text = self.text(claims, NAME)?;
        let read = |text: String| text.parse().map_err(|_| Fault::StandardClaim(NAME));
        text.map(read).transpose()
    }

    fn address(&self, claims: &mut Members) -> Result<Option<Address>, Fault> {
        let value = self.take(claims, "address");
        value.map(|value| Address::read(value, self)).transpose()
    }

    fn check_tagged(&self, claims: &Members) -> Result<(), Fault> {
        for (name, value) in claims.iter() {
            let Some((own, _)) = name.split_once('#') else {
                continue;
            };
            let Some(claim) = TEXTS.into_iter().find(|claim| *claim == own) else {
                continue;
            };
            match (value, self.0.nulls) {
                (Json::String(_), _) | (Json::Null, NullClaim::Absent) => {}
                _ => return Err(Fault::StandardClaim(claim)),
            }
        }
        Ok(())
    }

    fn take(&self, claims: &mut Members, name: &str) -> Option<Json> {
        match (claims.remove(name), self.0.nulls) {
            (Some(Json::Null), NullClaim::Absent) => None,
            (value, _) => value,
        }
    }
}

#[cfg(test)]
mod tests;
