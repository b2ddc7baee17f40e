//! What signs a JWT of the client's: a key that is somewhere else, or a secret that is here.

use serde::{Deserialize, Serialize};

use crate::{MacKey, SigningKeyName};

/// What signs a JWT of the client's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Signatory {
    /// A private key that the driver's signer holds.
    Key(SigningKeyName),
    /// A secret: it signs without anybody's help.
    Secret(MacKey),
}

impl Signatory {
    /// The `alg` of a JWS header.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Key(name) => name.algorithm().name(),
            Self::Secret(key) => key.algorithm().name(),
        }
    }

    /// The `kid` of a JWS header: a secret has none, for the client has one, nor has a key whose name is empty.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Key(name) => Some(name.id()).filter(|id| !id.is_empty()),
            Self::Secret(_) => None,
        }
    }
}

impl From<SigningKeyName> for Signatory {
    fn from(name: SigningKeyName) -> Self {
        Self::Key(name)
    }
}

impl From<MacKey> for Signatory {
    fn from(key: MacKey) -> Self {
        Self::Secret(key)
    }
}

#[cfg(test)]
mod tests {
    use crate::SigningAlgorithm;

    use super::*;

    #[test]
    fn a_key_without_a_name_is_not_named_in_what_it_signs() {
        let key = |id| Signatory::from(SigningKeyName::new(SigningAlgorithm::Es256, id));
        assert_eq!(key("key-1").id(), Some("key-1"));
        assert_eq!(key("").id(), None);
    }
}
