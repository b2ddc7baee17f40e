#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod base64url;
mod claims;
mod curve;
mod ecdsa_der;
#[cfg(feature = "encryption")]
mod encryption;
mod error;
mod header;
mod hmac_key;
mod jwk;
mod jwk_set;
mod jws;
mod member;
mod private_jwk;
mod public_key;
mod purpose;
mod rsa_modulus;
mod rsa_private;
mod signing_key;
mod symmetric_key;
mod symmetric_key_set;
mod thumbprint;
mod verification_key;

pub use hallpass_json::{Json, JsonError, MAX_BYTES, MAX_DEPTH, Members};

pub use algorithm::SignatureAlgorithm;
pub use claims::Claims;
pub use curve::Curve;
pub use ecdsa_der::signature_from_der;
#[cfg(feature = "encryption")]
pub use encryption::{
    CompactJwe, ContentEncryption, Decrypted, DecryptionKey, EncryptionHeader, KeyManagement,
};
pub use error::{
    Blame, Error, KeyError, MemberFault, SelectionError, SigningError, TokenError, Weakness,
};
pub use header::Header;
pub use jwk::Jwk;
pub use jwk_set::{JwkSet, MAX_KEYS, SetAside};
pub use jws::{CompactJws, MAX_TOKEN_BYTES, VerifiedJws};
pub use private_jwk::PrivateJwk;
pub use public_key::{CurvePublicKey, PublicKey, RsaPublicKey};
pub use signing_key::SigningKey;
pub use symmetric_key::SymmetricKey;
pub use symmetric_key_set::SymmetricKeySet;
pub use thumbprint::Thumbprint;
pub use verification_key::VerificationKey;
