//! A public key as it is published (RFC 7517).

use serde::Serialize;

use crate::algorithm::KeyKind;
use crate::member::Fields;
use crate::purpose::{Operation, Purpose};
use crate::{Json, KeyError, Members, PublicKey, SignatureAlgorithm, Thumbprint, VerificationKey};

/// A public key with its name and what it is for. Members that say nothing of either are left out.
///
/// A private key is another type, [`PrivateJwk`](crate::PrivateJwk), and a shared secret is a third,
/// [`SymmetricKey`](crate::SymmetricKey): none is ever taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    id: Option<String>,
    purpose: Purpose,
}

impl Jwk {
    /// Reads one key.
    ///
    /// # Errors
    /// [`KeyError`] where it is malformed, weak, off its curve, contradicts itself, is of a kind that is not known here, or
    /// has a secret in it.
    pub fn parse(json: &str) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(json.as_bytes())?)
    }

    /// Takes the members of one key.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_members(members: &Members) -> Result<Self, KeyError> {
        let fields = Fields(members);
        // A symmetric key is a secret as a whole, whatever its members are called.
        if fields.has_secret() || fields.optional_text("kty")? == Some("oct") {
            return Err(KeyError::Secret);
        }
        Self::read(&fields)
    }

    /// Reads the public members and passes over the secret ones.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, KeyError> {
        let key = PublicKey::read(fields)?;
        let purpose = Purpose::read(fields, kind(&key))?;
        Ok(Self {
            key,
            id: fields.optional_text("kid")?.map(str::to_owned),
            purpose,
        })
    }

    /// A key without a name, for anything.
    pub fn new(key: impl Into<PublicKey>) -> Self {
        Self {
            key: key.into(),
            id: None,
            purpose: Purpose::default(),
        }
    }

    /// Gives it a name (`kid`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says that it verifies signatures of one algorithm and nothing else (`use` and `alg`).
    #[must_use]
    pub fn for_signatures(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.purpose.usage = Some("sig".to_owned());
        self.purpose.algorithm = Some(algorithm.name().to_owned());
        self
    }

    /// The key itself.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its name (`kid`, RFC 7517 §4.5).
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The only algorithm it is for (`alg`), where it says so.
    pub fn algorithm(&self) -> Option<&str> {
        self.purpose.algorithm.as_deref()
    }

    /// Its thumbprint with SHA-256 (RFC 7638).
    pub fn thumbprint(&self) -> Thumbprint {
        self.key.thumbprint()
    }

    /// The key as one that verifies this algorithm and no other.
    ///
    /// # Errors
    /// [`KeyError::Kind`] where it is of another kind, [`KeyError::Purpose`] where it says that it is for something else.
    pub fn verification_key(
        &self,
        algorithm: SignatureAlgorithm,
    ) -> Result<VerificationKey, KeyError> {
        self.allows(algorithm)?;
        VerificationKey::of_public(&self.key, algorithm)
    }

    /// Whether it is of the kind of this algorithm and says nothing against it.
    pub(crate) fn allows(&self, algorithm: SignatureAlgorithm) -> Result<(), KeyError> {
        if algorithm.key_kind() != kind(&self.key) {
            return Err(KeyError::Kind {
                algorithm: algorithm.name(),
            });
        }
        self.purpose.allows(Operation::Verify, algorithm.name())
    }

    pub(crate) fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The key as JSON, for a document of keys or a proof.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.members()).unwrap_or_default()
    }

    /// The key's members.
    pub fn members(&self) -> Members {
        let mut members = Members::default();
        for (name, value) in self.key.members() {
            members.insert(name, Json::String(value));
        }
        let texts = [
            ("kid", &self.id),
            ("use", &self.purpose.usage),
            ("alg", &self.purpose.algorithm),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                members.insert(name, Json::String(value.clone()));
            }
        }
        if let Some(operations) = &self.purpose.operations {
            let operations = operations.iter().cloned().map(Json::String).collect();
            members.insert("key_ops", Json::Array(operations));
        }
        members
    }
}

impl Serialize for Jwk {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members().serialize(serializer)
    }
}

fn kind(key: &PublicKey) -> KeyKind {
    match key {
        PublicKey::Rsa(_) => KeyKind::Rsa,
        PublicKey::Curve(key) => KeyKind::Curve(key.curve()),
    }
}
