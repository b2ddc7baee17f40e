//! Shared secrets (RFC 7518 §6.4).

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::algorithm::KeyKind;
use crate::member::Fields;
use crate::purpose::{Operation, Purpose};
use crate::{KeyError, Members, SignatureAlgorithm, SigningKey, VerificationKey};

/// A shared secret: `kty` `oct`, or the octets of a client secret.
///
/// `Debug` shows its length. Equality is in constant time, and the memory is wiped when the value is dropped.
#[derive(Clone)]
pub struct SymmetricKey {
    octets: Zeroizing<Vec<u8>>,
    id: Option<String>,
    purpose: Purpose,
}

impl SymmetricKey {
    /// Takes the octets of the secret. How many an algorithm asks for is checked where one is named.
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self {
            octets: Zeroizing::new(octets.into()),
            id: None,
            purpose: Purpose::default(),
        }
    }

    /// Reads a JWK with `kty` `oct`.
    ///
    /// # Errors
    /// [`KeyError`] where it is malformed, or of another kind.
    pub fn parse(json: &str) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(json.as_bytes())?)
    }

    /// Takes the members of a JWK with `kty` `oct`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_members(members: &Members) -> Result<Self, KeyError> {
        let fields = Fields(members);
        if fields.text("kty")? != "oct" {
            return Err(KeyError::Unknown { name: "kty" });
        }
        Ok(Self {
            octets: fields.octets("k")?,
            id: fields.optional_text("kid")?.map(str::to_owned),
            purpose: Purpose::read(&fields, KeyKind::Symmetric)?,
        })
    }

    /// Gives it a name (`kid`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Its name (`kid`).
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The key as one that verifies this algorithm and no other.
    ///
    /// # Errors
    /// [`KeyError::Weak`] where it is shorter than the algorithm's hash (RFC 7518 §3.2), [`KeyError::Kind`] where the algorithm
    /// is not symmetric, [`KeyError::Purpose`] where the key is for something else.
    pub fn verification_key(
        &self,
        algorithm: SignatureAlgorithm,
    ) -> Result<VerificationKey, KeyError> {
        self.purpose.allows(Operation::Verify, algorithm.name())?;
        VerificationKey::of_secret(&self.octets, algorithm)
    }

    /// The key as one that signs with this algorithm and no other.
    ///
    /// # Errors
    /// As [`verification_key`](Self::verification_key).
    pub fn signing_key(&self, algorithm: SignatureAlgorithm) -> Result<SigningKey, KeyError> {
        self.purpose.allows(Operation::Sign, algorithm.name())?;
        SigningKey::of_secret(&self.octets, algorithm)
    }

    /// Whether the algorithm is symmetric and the key says nothing against it.
    pub(crate) fn allows(&self, algorithm: SignatureAlgorithm) -> bool {
        let purpose = self.purpose.allows(Operation::Verify, algorithm.name());
        algorithm.is_symmetric() && purpose.is_ok()
    }

    #[cfg(feature = "encryption")]
    pub(crate) fn for_decryption(&self, algorithm: &str) -> Result<&[u8], KeyError> {
        self.purpose.allows(Operation::Decrypt, algorithm)?;
        Ok(&self.octets)
    }
}

impl PartialEq for SymmetricKey {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.octets.ct_eq(&other.octets))
            && self.id == other.id
            && self.purpose == other.purpose
    }
}

impl Eq for SymmetricKey {}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SymmetricKey({} bytes)", self.octets.len())
    }
}
