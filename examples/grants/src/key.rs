//! A key on P-256 in this process. An application may as well ask an HSM or a cloud's key service: the trait is the same.

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::driver::async_trait;
use hallpass::{SignError, Signature, Signer, SigningAlgorithm, SigningInput, SigningKeyName};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature as P256Signature, SigningKey};
use p256::elliptic_curve::{Error, Generate};

/// A private key with the name that the authorization server knows it by.
#[derive(Clone)]
pub struct Key {
    name: SigningKeyName,
    key: SigningKey,
}

impl Key {
    /// A new key.
    pub fn generate(id: &str) -> Self {
        Self::named(id, SigningKey::generate())
    }

    /// The key whose private part is `d`, as base64url: the member `d` of a JWK (RFC 7518 §6.2.2).
    ///
    /// # Errors
    /// When it is no key of this curve.
    pub fn from_d(id: &str, d: &str) -> Result<Self, Error> {
        let bytes = Base64UrlUnpadded::decode_vec(d).map_err(|_| Error)?;
        let key = SigningKey::from_slice(&bytes).map_err(|_| Error)?;
        Ok(Self::named(id, key))
    }

    fn named(id: &str, key: SigningKey) -> Self {
        let name = SigningKeyName::new(SigningAlgorithm::Es256, id);
        Self { name, key }
    }

    /// What credentials name it by.
    pub fn name(&self) -> SigningKeyName {
        self.name.clone()
    }

    /// Its public half, as JWK.
    pub fn public_jwk(&self) -> String {
        let point = self.key.verifying_key().to_sec1_point(false);
        // A byte that says "not compressed", then the coordinates, 32 bytes each.
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#)
    }
}

#[async_trait]
impl Signer for Key {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        if *input.key() != self.name {
            return Err(SignError::unknown_key(input));
        }
        let signature: P256Signature = self.key.sign(input.bytes());
        Ok(Signature::new(signature.to_bytes().to_vec()))
    }
}
