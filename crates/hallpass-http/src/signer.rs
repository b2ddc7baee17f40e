//! What holds the keys.

use std::error::Error as StdError;

use async_trait::async_trait;

use hallpass_grant::{NotSigned, Signature, SigningInput};

/// Signs with the keys it holds, or has somebody far away sign.
///
/// The signature is in the form of JWS (RFC 7518 §3), which for ECDSA is not DER.
#[async_trait]
pub trait Signer: Send + Sync {
    /// Signs `input.bytes()` with the key and the algorithm that `input.key()` names.
    ///
    /// # Errors
    /// [`SignError`]; nothing has been sent then.
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError>;
}

/// Holds no key: for clients that sign nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoSigner;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signer has no such key.
    #[error("the driver's signer has no key `{id}` for {algorithm}: give the driver one that has")]
    UnknownKey {
        /// The `kid` that was asked for.
        id: String,
        /// The `alg` that was asked for.
        algorithm: &'static str,
    },
    /// The signer has the key and did not sign.
    #[error("the signer did not sign; nothing was sent: try again")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl SignError {
    /// The signer does not have the key that this input names.
    pub fn unknown_key(input: &SigningInput) -> Self {
        Self::UnknownKey {
            id: input.key().id().to_owned(),
            algorithm: input.key().algorithm().name(),
        }
    }

    /// What a conversation is told.
    pub fn reason(&self) -> NotSigned {
        match self {
            Self::UnknownKey { .. } => NotSigned::UnknownKey,
            Self::Failed(_) => NotSigned::Failed,
        }
    }

    /// The signer has the key and did not sign.
    pub fn failed(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Failed(source.into())
    }
}

#[async_trait]
impl Signer for NoSigner {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        Err(SignError::unknown_key(input))
    }
}

impl crate::blocking::Signer for NoSigner {
    fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        Err(SignError::unknown_key(input))
    }
}
