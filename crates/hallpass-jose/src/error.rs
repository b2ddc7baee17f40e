//! What can be wrong, by what it is wrong with: a token, a key, or the choice of a key.

use crate::{JsonError, SignatureAlgorithm};

/// Who has to mend what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blame {
    /// Whoever sent the token broke the rules, or somebody is attacking. Refuse the token.
    Sender,
    /// Whoever made or published the key: it is malformed, weak, or not for this.
    KeyOwner,
    /// This program asked for what does not fit together.
    Caller,
}

/// Anything that ends the reading of a token with a set of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The token is not acceptable.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A key is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No single key is the one to verify with.
    #[error(transparent)]
    Selection(#[from] SelectionError),
}

impl Error {
    /// Who has to mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Token(_) => Blame::Sender,
            Self::Key(error) => error.blame(),
            Self::Selection(SelectionError::SetAside(_) | SelectionError::Ambiguous) => {
                Blame::KeyOwner
            }
            Self::Selection(SelectionError::Symmetric(_)) => Blame::Caller,
            Self::Selection(SelectionError::UnknownKey | SelectionError::NoneSuitable(_)) => {
                Blame::Sender
            }
        }
    }
}

/// Why a token is refused. It never quotes the token. The sender is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES). Nothing of it was read.
    #[error("the token is longer than {} bytes", crate::MAX_TOKEN_BYTES)]
    TooLong,
    /// It does not have the parts of a compact form: three in a JWS, five in a JWE (RFC 7515 §3.1, RFC 7516 §3.1).
    #[error("the token does not have the parts of its compact form")]
    Parts,
    /// It is encrypted where a signed token is read: decrypt it first.
    #[error("the token is encrypted, and a signed one is expected: decrypt it first")]
    Encrypted,
    /// It is not encrypted where an encrypted token is read.
    #[error("the token is not encrypted, and an encrypted one is expected")]
    NotEncrypted,
    /// A part is not base64url in its one spelling (RFC 7515 §2).
    #[error("the {part} of the token is not base64url without padding")]
    Base64Url {
        /// Which part.
        part: &'static str,
    },
    /// A part is no JSON object with each member once.
    #[error("the {part} of the token is not acceptable JSON")]
    Json {
        /// Which part.
        part: &'static str,
        /// What is wrong.
        source: JsonError,
    },
    /// A header parameter is missing, or not of its type.
    #[error("the header parameter `{name}` is missing or has the wrong type")]
    Header {
        /// Its name.
        name: &'static str,
    },
    /// `crit` names an extension, and none is understood here, or it is malformed (RFC 7515 §4.1.11).
    #[error("the header parameter `crit` names what is not understood here")]
    Critical,
    /// The payload is not encoded: `b64` is false (RFC 7797), or no bool.
    #[error("the header parameter `b64` says that the payload is not encoded")]
    Unencoded,
    /// It is compressed: `zip` is there. Nothing is decompressed here.
    #[error("the token is compressed, and nothing is decompressed here")]
    Compressed,
    /// Its `alg` is `none`, however spelled.
    #[error("the token is not signed: its `alg` is `none`")]
    Unsigned,
    /// Its `alg` or `enc` is not known here.
    #[error("the header parameter `{name}` names an algorithm that is not known here")]
    UnknownAlgorithm {
        /// `alg` or `enc`.
        name: &'static str,
    },
    /// Its `alg` or `enc` is known, and is not what was asked for.
    #[error("the header parameter `{name}` names an algorithm that was not asked for")]
    UnexpectedAlgorithm {
        /// `alg` or `enc`.
        name: &'static str,
    },
    /// The signature is not that of this key, or not in the form of its algorithm.
    #[error("the signature does not verify")]
    Signature,
    /// It could not be decrypted. Why is not told, for whoever asks again and again would learn the plaintext from it.
    #[error("the token does not decrypt")]
    Decryption,
    /// What is inside is no token: `cty` is not `JWT` (RFC 7519 §5.2).
    #[error("the encrypted token does not hold another token")]
    NotNested,
    /// A claim has the wrong type, or a date that is none.
    #[error("the claim `{name}` has the wrong type or is out of range")]
    Claim {
        /// Its name, as it was asked for.
        name: String,
    },
    /// A claim that was asked for is not there.
    #[error("the claim `{name}` is missing")]
    MissingClaim {
        /// Its name, as it was asked for.
        name: String,
    },
    /// `exp` is over (RFC 7519 §4.1.4).
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come (RFC 7519 §4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid,
}

/// Why a key is refused. It never quotes the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is no JSON object with each member once.
    #[error("the key is not acceptable JSON")]
    Json(#[from] JsonError),
    /// The set is no object with an array `keys` of at most [`MAX_KEYS`](crate::MAX_KEYS).
    #[error(
        "the key set has no array `keys`, or one of more than {} keys",
        crate::MAX_KEYS
    )]
    NotASet,
    /// It is not the PKCS #8 PEM or DER of a private key of a kind that is known here.
    #[error(
        "the key is not an unencrypted PKCS #8 private key of a known kind (`BEGIN PRIVATE KEY`)"
    )]
    Pkcs8,
    /// A member is missing, of the wrong type, not base64url in its one spelling, or of the wrong length.
    #[error("the member `{name}` of the key is {fault}")]
    Member {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        fault: MemberFault,
    },
    /// Its `kty` or `crv` is not known here. Such a key is not wrong, and not for us (RFC 7517 §5).
    #[error("the `{name}` of the key is not known here")]
    Unknown {
        /// `kty` or `crv`.
        name: &'static str,
    },
    /// It has secret members where a public key is read. If it was published, it must not be used any more.
    #[error("the key has secret members, and a public key is expected")]
    Secret,
    /// It has no secret member where a private key is read.
    #[error("the key has no secret member, and a private key is expected")]
    NotSecret,
    /// It does not protect anything.
    #[error("the key is weak: {0}")]
    Weak(Weakness),
    /// Its public and its private half, or its primes, do not belong together.
    #[error("the parts of the key do not belong together")]
    Inconsistent,
    /// Its own `use`, `key_ops` or `alg` contradict one another or its type (RFC 7517 §4.2, §4.3).
    #[error("the members `use`, `key_ops`, `alg` and `kty` of the key contradict one another")]
    Contradiction,
    /// Its `use`, `key_ops` or `alg` say that it is for something else.
    #[error("the key's `{name}` says that it is for something else")]
    Purpose {
        /// Which of them.
        name: &'static str,
    },
    /// It is not of the kind that this algorithm asks for.
    #[error("the key is not of the kind that {algorithm} asks for")]
    Kind {
        /// The algorithm's name.
        algorithm: &'static str,
    },
}

impl KeyError {
    /// Who has to mend it.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Kind { .. } | Self::NotSecret => Blame::Caller,
            _ => Blame::KeyOwner,
        }
    }
}

/// What is wrong with a member of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemberFault {
    /// It is not there.
    #[error("missing")]
    Missing,
    /// It is not of its type.
    #[error("not of its type")]
    Type,
    /// It is not base64url without padding, or a number with leading zeros.
    #[error("not base64url in its one spelling")]
    Base64Url,
    /// It is too long or too short.
    #[error("not of its length")]
    Length,
}

/// Why a key protects nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Weakness {
    /// An RSA modulus of fewer than 2048 bits, or a secret shorter than its algorithm's hash (RFC 7518 §3.2, §3.3).
    #[error("it is too short")]
    TooShort,
    /// An RSA modulus of more than 8192 bits: using it would take too long.
    #[error("it is too long to be used in acceptable time")]
    TooLong,
    /// An RSA exponent that is even, not above 2^16, or of more than 33 bits (FIPS 186-5 §5.4).
    #[error("its public exponent is not an odd number above 2^16")]
    Exponent,
    /// An RSA modulus that is even.
    #[error("its modulus is even")]
    Even,
    /// An RSA modulus made by the library of ROCA (CVE-2017-15361): its factors can be found.
    #[error("its modulus has the fingerprint of ROCA, CVE-2017-15361")]
    Roca,
    /// A point that is not on the curve, not written in its one way, or one of the few that anything verifies with.
    #[error("it is no usable point of its curve")]
    Point,
}

/// Why no key of a set is the one to verify with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// The token names a key that is not in the set: the keys may have been changed, and be worth fetching again.
    #[error("the token names a key that is not in the set")]
    UnknownKey,
    /// No key of the set is for this algorithm.
    #[error("no key of the set is for {0}")]
    NoneSuitable(SignatureAlgorithm),
    /// More than one key of the set fits, and nothing says which one it is.
    #[error("more than one key of the set fits the token: its issuer has to name one with `kid`")]
    Ambiguous,
    /// The token names a key that is in the set and was refused.
    #[error("the key that the token names was refused")]
    SetAside(#[source] KeyError),
    /// A symmetric algorithm: no published key is for one.
    #[error("{0} needs a shared secret, and a set of published keys has none")]
    Symmetric(SignatureAlgorithm),
}

/// Why a local key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The random source of the system failed.
    #[error("the key did not sign: the system has no randomness to give")]
    Failed,
    /// What a key elsewhere answered is not the DER of an ECDSA signature on its curve.
    #[error("the signature is not the DER of an ECDSA signature of its algorithm")]
    NotDer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_who_has_to_mend_it() {
        let hs256 = SignatureAlgorithm::Hs256;
        for (error, blame) in [
            (TokenError::Signature.into(), Blame::Sender),
            (KeyError::Weak(Weakness::Roca).into(), Blame::KeyOwner),
            (KeyError::Kind { algorithm: "RS256" }.into(), Blame::Caller),
            (SelectionError::UnknownKey.into(), Blame::Sender),
            (SelectionError::NoneSuitable(hs256).into(), Blame::Sender),
            (SelectionError::Ambiguous.into(), Blame::KeyOwner),
            (
                SelectionError::SetAside(KeyError::Secret).into(),
                Blame::KeyOwner,
            ),
            (SelectionError::Symmetric(hs256).into(), Blame::Caller),
        ] {
            let error: Error = error;
            assert_eq!(error.blame(), blame, "{error}");
        }
    }
}
