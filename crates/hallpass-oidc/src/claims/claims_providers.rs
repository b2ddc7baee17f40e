//! Whose word is believed, for claims that are not the provider's own (OpenID Connect Core §5.6.2).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};

use hallpass_grant::Error;
use hallpass_jose::{CompactJws, MAX_TOKEN_BYTES, TokenError};
use hallpass_token::{Json, JsonError, Members};

use crate::{Fault, JwtRules};

/// The claims providers whose keys this application has.
#[derive(Clone, Debug)]
#[must_use = "claims are collected by a `ClaimCollection` that is given these"]
pub struct ClaimsProviders {
    /// The first are those of the provider that names the sources.
    rules: Vec<JwtRules>,
    unsigned: Unsigned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unsigned {
    Refused,
    Aggregated,
}

/// How the claims of a token are had.
pub(super) enum Reading {
    Verify(Box<JwtRules>, Maker),
    Unsigned(Members, Maker),
}

/// Whose `sub` stands in a token: only the provider calls the user what it calls the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    Provider,
    Other,
}

impl ClaimsProviders {
    /// The provider itself, whose ID tokens these rules are for: what names no issuer is taken for its own. Claims have less to say than an ID
    /// token, and may be older. Where they say whom they are about, it is the user that the sources were named for.
    pub fn new(id_token: JwtRules) -> Self {
        let claims = id_token.requiring_only(&[]).not_older_than(Duration::MAX);
        Self {
            rules: vec![claims],
            unsigned: Unsigned::Refused,
        }
    }

    /// And this one, whose tokens these rules are for. They must say that they are its own (`iss`); the user may have another name there. Few of
    /// them say for whom they are and until when: what they lack is named by [`requiring_only`](JwtRules::requiring_only).
    pub fn and(mut self, provider: JwtRules) -> Self {
        self.rules.push(provider);
        self
    }

    /// Aggregated claims may be unsigned, as in the examples of some providers: then they are as good as the provider's word, and no better.
    /// What comes from elsewhere is signed all the same.
    pub fn with_unsigned_aggregated_claims(mut self) -> Self {
        self.unsigned = Unsigned::Aggregated;
        self
    }

    /// How a token is to be read that came with the provider's own answer, or from elsewhere.
    pub(super) fn reading(&self, token: &str, is_aggregated: bool) -> Result<Reading, Error> {
        let (issuer, is_encrypted) = match CompactJws::parse(token) {
            Ok(token) => {
                let claims = Members::read(token.unverified_payload());
                (issuer(&claims.map_err(not_json)?)?, false)
            }
            Err(TokenError::Unsigned) if is_aggregated && self.unsigned == Unsigned::Aggregated => {
                let claims = unsigned(token)?;
                let rules = self.made_by(issuer(&claims)?.as_deref());
                let maker = rules.map_or(Maker::Other, |(_, maker)| maker);
                return Ok(Reading::Unsigned(claims, maker));
            }
            // Whose it is stands inside.
            Err(TokenError::Encrypted) => (None, true),
            Err(error) => return Err(Fault::from(error).into()),
        };
        let (rules, maker) = self
            .made_by(issuer.as_deref())
            .ok_or(Fault::ClaimSource("issuer"))?;
        let rules = match is_encrypted {
            true => rules.clone(),
            false => unencrypted(rules.clone()),
        };
        Ok(Reading::Verify(Box::new(rules), maker))
    }

    /// The rules for what this issuer makes, the provider where it names none.
    fn made_by(&self, issuer: Option<&str>) -> Option<(&JwtRules, Maker)> {
        let (provider, others) = self.rules.split_first()?;
        let Some(issuer) = issuer.filter(|issuer| !provider.is_issuer(issuer)) else {
            return Some((provider, Maker::Provider));
        };
        let other = others.iter().find(|rules| rules.is_issuer(issuer))?;
        Some((other, Maker::Other))
    }
}

/// How ID tokens are encrypted says nothing of the claims of others.
#[cfg(feature = "encryption")]
fn unencrypted(rules: JwtRules) -> JwtRules {
    rules.encrypted(crate::token_encryption::TokenEncryption::default())
}

#[cfg(not(feature = "encryption"))]
fn unencrypted(rules: JwtRules) -> JwtRules {
    rules
}

/// Who says to have made a token: that decides whose keys are tried, and nothing else.
fn issuer(claims: &Members) -> Result<Option<String>, Error> {
    match claims.value("iss") {
        None => Ok(None),
        Some(Json::String(issuer)) => Ok(Some(issuer.clone())),
        Some(_) => Err(Fault::Claim("iss").into()),
    }
}

fn not_json(source: JsonError) -> Error {
    let part = "payload";
    Fault::from(TokenError::Json { part, source }).into()
}

/// The claims of a token whose `alg` is `none`.
fn unsigned(token: &str) -> Result<Members, Error> {
    let malformed = || Error::from(Fault::Malformed(TokenError::Parts));
    let parts: Vec<&str> = token.splitn(3, '.').collect();
    let [header, payload, ""] = parts[..] else {
        return Err(malformed());
    };
    let decode = |part: &str| {
        let decoded = Base64UrlUnpadded::decode_vec(part).ok();
        decoded.and_then(|json| Members::read(&json).ok())
    };
    let (Some(header), Some(claims)) = (decode(header), decode(payload)) else {
        return Err(malformed());
    };
    let is_plain = header.value("alg").and_then(Json::as_str) == Some("none")
        && header.value("crit").is_none()
        && token.len() <= MAX_TOKEN_BYTES;
    match is_plain {
        true => Ok(claims),
        false => Err(malformed()),
    }
}
