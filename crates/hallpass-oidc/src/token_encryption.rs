//! How the tokens for a client are encrypted (OpenID Connect Core §16.14, OpenID Connect Registration §2).

use std::sync::Arc;

use hallpass_grant::{Error, Misuse};
use hallpass_jose::{CompactJwe, ContentEncryption, DecryptionKey, KeyManagement};
use hallpass_token::Secret;

use crate::Fault;

/// What opens a token, and what it has to be encrypted with. Where neither is said, it is not encrypted.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenEncryption {
    registered: Option<(KeyManagement, ContentEncryption)>,
    key: Option<Arc<DecryptionKey>>,
}

impl TokenEncryption {
    pub(crate) fn with_key(self, key: Arc<DecryptionKey>) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// As it is registered, by these names of `alg` and `enc`: `A128CBC-HS256` where `enc` is not named.
    ///
    /// # Errors
    /// [`Fault::UnexpectedAlgorithm`] for a name that is not known here, [`Misuse::Invalid`] for `enc` without `alg`.
    pub(crate) fn registered(self, alg: Option<&str>, enc: Option<&str>) -> Result<Self, Error> {
        let registered = match (alg, enc) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Error::from(Misuse::Invalid {
                    field: "encrypted_response_enc",
                    reason: "without encrypted_response_alg nothing is encrypted: register both",
                }));
            }
            (Some(alg), enc) => {
                let alg = KeyManagement::from_name(alg);
                let enc = ContentEncryption::from_name(enc.unwrap_or(DEFAULT_ENC));
                let both = alg.zip(enc).ok_or(Fault::UnexpectedAlgorithm)?;
                Some(both)
            }
        };
        Ok(Self { registered, ..self })
    }

    pub(crate) fn is_expected(&self) -> bool {
        self.registered.is_some() || self.key.is_some()
    }

    /// Whether what is expected can be opened.
    ///
    /// # Errors
    /// [`Misuse::Missing`] without a key, [`Misuse::Invalid`] for one that is for another algorithm than the registered one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (self.registered, &self.key) {
            (None, _) => Ok(()),
            (Some(_), None) => {
                Err(Misuse::Missing("the key for tokens that are registered as encrypted").into())
            }
            (Some((alg, _)), Some(key)) if key.key_management() == alg => Ok(()),
            (Some(_), Some(_)) => Err(Error::from(Misuse::Invalid {
                field: "the decryption key",
                reason: "tokens are registered to be encrypted with another algorithm than it is for",
            })),
        }
    }

    /// The signed token inside of an encrypted one; the token itself, where none is expected to be encrypted.
    pub(crate) fn open(&self, token: Secret) -> Result<Secret, Error> {
        self.check()?;
        let Some(key) = &self.key else {
            return Ok(token);
        };
        let token = CompactJwe::parse(token.expose_secret()).map_err(Fault::from)?;
        let opened = match self.registered {
            Some((_, enc)) => key.decrypt(&token, &[enc]),
            None => key.decrypt(&token, &ContentEncryption::ALL),
        };
        let nested = opened.map_err(Fault::from)?;
        let nested = nested.nested().map_err(Fault::from)?;
        Ok(Secret::new(nested))
    }
}

const DEFAULT_ENC: &str = "A128CBC-HS256";
