//! Several shared secrets, such as one that is being replaced and the one after it.

use crate::{
    CompactJws, Error, Json, KeyError, Members, SelectionError, SignatureAlgorithm, SymmetricKey,
    VerificationKey, VerifiedJws,
};

/// A set of shared secrets. It has no public key in it: a set of both would let one be taken for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymmetricKeySet(Vec<SymmetricKey>);

impl SymmetricKeySet {
    /// Reads a set of keys with `kty` `oct`. It is the caller's own, so one bad key makes the whole set an error.
    ///
    /// # Errors
    /// [`KeyError::NotASet`] where it is none, otherwise what is wrong with the first key that is.
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        let members = Members::read(json)?;
        let keys = members.value("keys").and_then(Json::as_array);
        let keys = keys.ok_or(KeyError::NotASet)?.iter();
        let read =
            |key: &Json| SymmetricKey::from_members(key.as_object().ok_or(KeyError::NotASet)?);
        keys.map(read).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Verifies a token with the one secret of the set it can only be signed with, as
    /// [`JwkSet::verify`](crate::JwkSet::verify) does with public keys.
    ///
    /// # Errors
    /// [`TokenError::UnexpectedAlgorithm`](crate::TokenError::UnexpectedAlgorithm), [`SelectionError`], [`TokenError::Signature`](crate::TokenError::Signature), or [`KeyError`] where the secret is
    /// too short.
    pub fn verify<'t>(
        &self,
        token: CompactJws<'t>,
        asked_for: &[SignatureAlgorithm],
    ) -> Result<VerifiedJws<'t>, Error> {
        token.verify_with(asked_for, |algorithm, id| self.select(algorithm, id))
    }

    /// The one secret for an algorithm, with that name where one is given.
    ///
    /// # Errors
    /// [`SelectionError`] where there is none, or more than one.
    pub fn select(
        &self,
        algorithm: SignatureAlgorithm,
        id: Option<&str>,
    ) -> Result<VerificationKey, SelectionError> {
        let is_named = |key: &&SymmetricKey| id.is_none() || key.id() == id;
        let mut named = self.0.iter().filter(is_named).peekable();
        if id.is_some() && named.peek().is_none() {
            return Err(SelectionError::UnknownKey);
        }
        let mut fitting = named.filter(|key| key.allows(algorithm));
        let key = fitting
            .next()
            .ok_or(SelectionError::NoneSuitable(algorithm))?;
        match fitting.next() {
            None => key
                .verification_key(algorithm)
                .map_err(SelectionError::SetAside),
            Some(_) => Err(SelectionError::Ambiguous),
        }
    }
}

impl FromIterator<SymmetricKey> for SymmetricKeySet {
    fn from_iter<I: IntoIterator<Item = SymmetricKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}
