//! The algorithms of encrypted tokens (RFC 7518 §4.1, §5.1).

use std::fmt;

/// How the key that encrypts the content gets to the receiver: `alg` of a JWE. RSA1_5 and passwords are not there, for both have been
/// broken in too many hands (RFC 8725 §2.5, CVE-2024-28176).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyManagement {
    /// RSAES-OAEP with SHA-1, MGF1 with SHA-1.
    RsaOaep,
    /// RSAES-OAEP with SHA-256, MGF1 with SHA-256.
    RsaOaep256,
    /// The key agreed on encrypts the content.
    EcdhEs,
    /// The key agreed on wraps the one that encrypts the content, with AES-128.
    EcdhEsA128Kw,
    /// The key agreed on wraps the one that encrypts the content, with AES-256.
    EcdhEsA256Kw,
    /// The shared key encrypts the content.
    Direct,
}

/// How the content is encrypted: `enc` of a JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-GCM with a key of 128 bits.
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    A256Gcm,
    /// AES-CBC with 128 bits and HMAC with SHA-256.
    A128CbcHs256,
    /// AES-CBC with 256 bits and HMAC with SHA-512.
    A256CbcHs512,
}

impl KeyManagement {
    const ALL: [Self; 6] = [
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA256Kw,
        Self::Direct,
    ];

    /// The algorithm of a name, which is case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The `alg` of a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::Direct => "dir",
        }
    }

    pub(crate) fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256)
    }

    pub(crate) fn is_agreement(self) -> bool {
        matches!(self, Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA256Kw)
    }
}

impl ContentEncryption {
    /// Every one there is here.
    pub const ALL: [Self; 4] = [
        Self::A128Gcm,
        Self::A256Gcm,
        Self::A128CbcHs256,
        Self::A256CbcHs512,
    ];

    /// The algorithm of a name, which is case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The `enc` of a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// How long its key is, in bytes.
    pub(crate) fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A256CbcHs512 => 64,
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
