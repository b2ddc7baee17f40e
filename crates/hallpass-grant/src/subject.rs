//! Whom an ID token is about (OpenID Connect Core §2): as much of it as two can be compared by without a key.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use hallpass_token::{Json, Members, Secret};

/// Who says it, and of whom. Nothing is verified: it is compared, and told to nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    iss: String,
    sub: String,
}

impl Subject {
    /// `None` where the text is no signed token with both claims: an encrypted one, or none at all.
    pub(crate) fn of(id_token: &Secret) -> Option<Self> {
        let [_, claims, _] = parts(id_token.expose_secret())?;
        let claims = Base64UrlUnpadded::decode_vec(claims).ok()?;
        let mut claims = Members::read(&claims).ok()?;
        let mut text = |name| match claims.remove(name) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        };
        Some(Self {
            iss: text("iss")?,
            sub: text("sub")?,
        })
    }
}

fn parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

/// A subject is a person.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}
