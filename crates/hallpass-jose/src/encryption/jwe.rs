//! Encrypted tokens in their compact form (RFC 7516 §3.1, §7.1).

use std::fmt;

use zeroize::Zeroizing;

use super::{ContentEncryption, KeyManagement};
use crate::header::{read_parameters, text};
use crate::jws::{Found, decode, parts};
use crate::{Json, Members, TokenError};

/// The header of an encrypted token. `Debug` shows its algorithms.
#[derive(Clone, PartialEq)]
pub struct EncryptionHeader {
    management: KeyManagement,
    encryption: ContentEncryption,
    parameters: Members,
}

/// A compact JWE, taken apart and not opened. `Debug` shows its header and size.
#[derive(Clone, PartialEq)]
pub struct CompactJwe<'t> {
    header: EncryptionHeader,
    pub(super) encoded_header: &'t str,
    pub(super) encrypted_key: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

impl<'t> CompactJwe<'t> {
    /// Takes a token apart. What is too long or has not five parts is refused before anything is decoded.
    ///
    /// # Errors
    /// [`TokenError`] where it is no compact JWE whose header can be acted on: compressed, with an unknown algorithm or a critical
    /// extension, or with a part that is not in its one spelling.
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        let [header, key, iv, ciphertext, tag] = parts(token).map_err(|found| match found {
            Found::TooLong => TokenError::TooLong,
            Found::Parts(3) => TokenError::NotEncrypted,
            Found::Parts(_) => TokenError::Parts,
        })?;
        Ok(Self {
            header: EncryptionHeader::read(header)?,
            encoded_header: header,
            encrypted_key: decode("encrypted key", key)?,
            iv: decode("initialization vector", iv)?,
            ciphertext: decode("ciphertext", ciphertext)?,
            tag: decode("authentication tag", tag)?,
        })
    }

    /// What the token says of itself.
    pub fn header(&self) -> &EncryptionHeader {
        &self.header
    }
}

impl EncryptionHeader {
    fn read(encoded: &str) -> Result<Self, TokenError> {
        let parameters = read_parameters(encoded)?;
        if parameters.value("zip").is_some() {
            return Err(TokenError::Compressed);
        }
        let name = |name| text(&parameters, name)?.ok_or(TokenError::Header { name });
        let management = KeyManagement::from_name(name("alg")?)
            .ok_or(TokenError::UnknownAlgorithm { name: "alg" })?;
        let encryption = ContentEncryption::from_name(name("enc")?)
            .ok_or(TokenError::UnknownAlgorithm { name: "enc" })?;
        Ok(Self {
            management,
            encryption,
            parameters,
        })
    }

    /// How its content key is had (`alg`).
    pub fn key_management(&self) -> KeyManagement {
        self.management
    }

    /// How its content is encrypted (`enc`).
    pub fn content_encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// Which key it says it is for (`kid`).
    pub fn key_id(&self) -> Option<&str> {
        self.parameters.value("kid").and_then(Json::as_str)
    }

    /// What it says its content is (`cty`): `JWT` for a nested token.
    pub fn content_type(&self) -> Option<&str> {
        self.parameters.value("cty").and_then(Json::as_str)
    }

    /// All parameters.
    pub fn parameters(&self) -> &Members {
        &self.parameters
    }
}

impl fmt::Debug for EncryptionHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EncryptionHeader({}, {})",
            self.management, self.encryption
        )
    }
}

impl fmt::Debug for CompactJwe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.ciphertext.len();
        write!(f, "CompactJwe({:?}, {bytes} bytes)", self.header)
    }
}

/// What was in an encrypted token. That it opened says that nobody changed it, and not who made it: anybody may encrypt for a public
/// key. `Debug` shows its header and size, and the memory is wiped when the value is dropped.
pub struct Decrypted {
    header: EncryptionHeader,
    plaintext: Zeroizing<Vec<u8>>,
}

impl Decrypted {
    pub(super) fn new(header: EncryptionHeader, plaintext: Zeroizing<Vec<u8>>) -> Self {
        Self { header, plaintext }
    }

    /// The header.
    pub fn header(&self) -> &EncryptionHeader {
        &self.header
    }

    /// The plaintext.
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The signed token inside (RFC 7519 §5.2), for [`CompactJws::parse`](crate::CompactJws::parse).
    ///
    /// # Errors
    /// [`TokenError::NotNested`] where `cty` is not `JWT`, or what is inside is no text.
    pub fn nested(&self) -> Result<&str, TokenError> {
        let content_type = self.header.content_type();
        match content_type.is_some_and(|own| own.eq_ignore_ascii_case("JWT")) {
            true => std::str::from_utf8(&self.plaintext).map_err(|_| TokenError::NotNested),
            false => Err(TokenError::NotNested),
        }
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Decrypted({:?}, {} bytes)",
            self.header,
            self.plaintext.len()
        )
    }
}
