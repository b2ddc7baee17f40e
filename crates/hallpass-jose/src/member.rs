//! The members of a key, read by name (RFC 7517 §4, RFC 7518 §6).

use zeroize::Zeroizing;

use crate::{Json, KeyError, MemberFault, Members, base64url};

/// A key's members.
pub(crate) struct Fields<'m>(pub(crate) &'m Members);

/// Those that only a private or a symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const SECRET: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How many texts an array has at most: each is compared with every other.
const MAX_TEXTS: usize = 16;

impl<'m> Fields<'m> {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.value(name).is_some()
    }

    pub(crate) fn has_secret(&self) -> bool {
        SECRET.into_iter().any(|name| self.has(name))
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<&'m str, KeyError> {
        self.optional_text(name)?
            .ok_or_else(|| fault(name, MemberFault::Missing))
    }

    pub(crate) fn optional_text(&self, name: &'static str) -> Result<Option<&'m str>, KeyError> {
        match self.0.value(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(fault(name, MemberFault::Type)),
        }
    }

    /// An array of texts, none twice (RFC 7517 §4.3), and no more than a key can be for.
    pub(crate) fn optional_texts(
        &self,
        name: &'static str,
    ) -> Result<Option<Vec<String>>, KeyError> {
        let Some(value) = self.0.value(name) else {
            return Ok(None);
        };
        let values = value.as_array();
        if values.is_some_and(|values| values.len() > MAX_TEXTS) {
            return Err(fault(name, MemberFault::Length));
        }
        let texts = values.and_then(|values| {
            let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>()
        });
        let texts = texts.ok_or_else(|| fault(name, MemberFault::Type))?;
        let is_twice = |(at, text): (usize, &String)| texts[..at].contains(text);
        match texts.iter().enumerate().any(is_twice) {
            true => Err(fault(name, MemberFault::Type)),
            false => Ok(Some(texts)),
        }
    }

    /// Octets of any length.
    pub(crate) fn octets(&self, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let text = self.text(name)?;
        base64url::decode_secret(text).ok_or_else(|| fault(name, MemberFault::Base64Url))
    }

    /// Octets of one length (RFC 7518 §6.2.1.2: leading zeros stay).
    pub(crate) fn bytes(
        &self,
        name: &'static str,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.octets(name)?;
        match bytes.len() == length {
            true => Ok(bytes),
            false => Err(fault(name, MemberFault::Length)),
        }
    }

    /// A number, with no leading zero (RFC 7518 §2, `Base64urlUInt`).
    pub(crate) fn secret_number(&self, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.octets(name)?;
        match bytes.first() {
            None => Err(fault(name, MemberFault::Length)),
            Some(0) => Err(fault(name, MemberFault::Base64Url)),
            Some(_) => Ok(bytes),
        }
    }

    pub(crate) fn number(&self, name: &'static str) -> Result<Vec<u8>, KeyError> {
        self.secret_number(name).map(|number| number.to_vec())
    }
}

pub(crate) fn fault(name: &'static str, fault: MemberFault) -> KeyError {
    KeyError::Member { name, fault }
}
