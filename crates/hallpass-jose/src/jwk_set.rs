//! The keys an issuer publishes (RFC 7517 §5).

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{
    CompactJws, Error, Json, Jwk, KeyError, Members, SelectionError, SignatureAlgorithm,
    VerificationKey, VerifiedJws,
};

/// The most keys a set may have.
pub const MAX_KEYS: usize = 512;

/// A set of public keys. One that cannot be used is set aside with the reason, and the others are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    set_aside: Vec<SetAside>,
}

/// A key of a set that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetAside {
    /// Its name (`kid`), where it has one.
    pub id: Option<String>,
    /// Why.
    pub error: KeyError,
}

impl JwkSet {
    /// Reads a set.
    ///
    /// # Errors
    /// [`KeyError::NotASet`] or [`KeyError::Json`] where it is no set at all. What is wrong with one key is in
    /// [`set_aside`](Self::set_aside).
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        let members = Members::read(json)?;
        let keys = members.value("keys").and_then(Json::as_array);
        let keys = keys.filter(|keys| keys.len() <= MAX_KEYS);
        let mut set = Self::default();
        for key in keys.ok_or(KeyError::NotASet)? {
            match key.as_object() {
                Some(members) => set.read(members),
                None => set.set_aside.push(SetAside {
                    id: None,
                    error: KeyError::NotASet,
                }),
            }
        }
        Ok(set)
    }

    /// The keys that can be used.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Those that cannot.
    pub fn set_aside(&self) -> &[SetAside] {
        &self.set_aside
    }

    /// Verifies a token with the one key of the set it can only be signed with. Its algorithm has to be one of those that were
    /// asked for: that is what keeps an attacker from choosing a weaker one (RFC 8725 §3.1).
    ///
    /// # Errors
    /// [`TokenError::UnexpectedAlgorithm`](crate::TokenError::UnexpectedAlgorithm), [`SelectionError`] or [`TokenError::Signature`](crate::TokenError::Signature).
    pub fn verify<'t>(
        &self,
        token: CompactJws<'t>,
        asked_for: &[SignatureAlgorithm],
    ) -> Result<VerifiedJws<'t>, Error> {
        token.verify_with(asked_for, |algorithm, id| self.select(algorithm, id))
    }

    /// The one key for an algorithm, with that name where one is given. A key that is there twice is one key.
    ///
    /// # Errors
    /// [`SelectionError`] where there is none, or more than one.
    pub fn select(
        &self,
        algorithm: SignatureAlgorithm,
        id: Option<&str>,
    ) -> Result<VerificationKey, SelectionError> {
        if algorithm.is_symmetric() {
            return Err(SelectionError::Symmetric(algorithm));
        }
        let named = |own: Option<&str>| id.is_none() || own == id;
        let fits = |key: &&Jwk| named(key.id()) && key.allows(algorithm).is_ok();
        let mut fitting = self.keys.iter().filter(fits);
        let Some(key) = fitting.next() else {
            return Err(self.none(algorithm, id));
        };
        if fitting.any(|other| other.key() != key.key()) {
            return Err(SelectionError::Ambiguous);
        }
        key.verification_key(algorithm)
            .map_err(SelectionError::SetAside)
    }

    fn read(&mut self, members: &Members) {
        match Jwk::from_members(members) {
            Ok(key) => self.keys.push(key),
            Err(error) => self.set_aside.push(SetAside {
                id: members
                    .value("kid")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
                error,
            }),
        }
    }

    /// Why no key fits: what is wrong with the one that was named, or that nobody knows it.
    fn none(&self, algorithm: SignatureAlgorithm, id: Option<&str>) -> SelectionError {
        let Some(id) = id else {
            return SelectionError::NoneSuitable(algorithm);
        };
        let aside = self
            .set_aside
            .iter()
            .find(|key| key.id.as_deref() == Some(id));
        if let Some(aside) = aside {
            return SelectionError::SetAside(aside.error.clone());
        }
        match self.keys.iter().any(|key| key.id() == Some(id)) {
            true => SelectionError::NoneSuitable(algorithm),
            false => SelectionError::UnknownKey,
        }
    }
}

/// As it is published: an object with the array `keys`. What was set aside is not there.
impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("keys", &self.keys)?;
        map.end()
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            set_aside: Vec::new(),
        }
    }
}
