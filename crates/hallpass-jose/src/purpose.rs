//! What a key says it is for: `use`, `key_ops` and `alg` (RFC 7517 §4.2 to §4.4).

use crate::algorithm::KeyKind;
use crate::member::{self, Fields};
use crate::{KeyError, MemberFault, SignatureAlgorithm};

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Sign,
    Verify,
    #[cfg(feature = "encryption")]
    Decrypt,
}

/// A key's own word on what it is for. Nothing said is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) usage: Option<String>,
    pub(crate) operations: Option<Vec<String>>,
    pub(crate) algorithm: Option<String>,
}

impl Purpose {
    /// Reads it, and refuses one that contradicts itself or the kind of key.
    pub(crate) fn read(fields: &Fields<'_>, kind: KeyKind) -> Result<Self, KeyError> {
        let purpose = Self {
            usage: fields.optional_text("use")?.map(str::to_owned),
            operations: fields.optional_texts("key_ops")?,
            algorithm: fields.optional_text("alg")?.map(str::to_owned),
        };
        if purpose.algorithm.as_deref() == Some("") {
            return Err(member::fault("alg", MemberFault::Type));
        }
        let signs = |operation: &String| matches!(operation.as_str(), "sign" | "verify");
        let contradicts = match (purpose.usage.as_deref(), &purpose.operations) {
            (Some("sig"), Some(operations)) => !operations.iter().all(signs),
            (Some("enc"), Some(operations)) => operations.iter().any(signs),
            _ => false,
        };
        let known = purpose.algorithm.as_deref();
        let known = known.and_then(SignatureAlgorithm::from_name);
        let of_another_kind = known.is_some_and(|algorithm| algorithm.key_kind() != kind);
        match contradicts || of_another_kind {
            true => Err(KeyError::Contradiction),
            false => Ok(purpose),
        }
    }

    /// Whether the key says nothing against this.
    pub(crate) fn allows(&self, operation: Operation, algorithm: &str) -> Result<(), KeyError> {
        let (usage, operations): (&str, &[&str]) = match operation {
            Operation::Sign => ("sig", &["sign"]),
            Operation::Verify => ("sig", &["verify"]),
            #[cfg(feature = "encryption")]
            Operation::Decrypt => ("enc", &["decrypt", "unwrapKey", "deriveKey", "deriveBits"]),
        };
        if self.usage.as_deref().is_some_and(|own| own != usage) {
            return Err(KeyError::Purpose { name: "use" });
        }
        let lacks = |own: &Vec<String>| !own.iter().any(|own| operations.contains(&own.as_str()));
        if self.operations.as_ref().is_some_and(lacks) {
            return Err(KeyError::Purpose { name: "key_ops" });
        }
        match self.algorithm.as_deref() {
            Some(own) if !is_the_same(own, algorithm) => Err(KeyError::Purpose { name: "alg" }),
            _ => Ok(()),
        }
    }
}

/// Whether two names are those of one algorithm: Ed25519 has two.
fn is_the_same(own: &str, other: &str) -> bool {
    let known = SignatureAlgorithm::from_name;
    own == other || known(own).is_some_and(|own| known(other) == Some(own))
}
