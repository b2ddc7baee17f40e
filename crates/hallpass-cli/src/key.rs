//! Keys that sign: the one that proves the client, and the one that tokens are bound to.

mod file;

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::driver::async_trait;
use hallpass::{
    DpopKey, Secret, SignError, Signature, Signer, SigningAlgorithm, SigningInput, SigningKeyName,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};

use crate::error::Failure;

/// A private key, with the name it is asked for by.
pub(crate) struct SigningKey {
    name: SigningKeyName,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The keys of one session.
#[derive(Default)]
pub(crate) struct Keys(Vec<Arc<SigningKey>>);

/// The private half of a key that tokens are bound to, as it is kept with them: PKCS#8, in base64url.
pub(crate) type KeptKey = Secret;

const DPOP: &str = "dpop";

impl SigningKey {
    /// A key for tokens to be bound to (RFC 9449).
    pub(crate) fn generate() -> Result<KeptKey, Failure> {
        let random = SystemRandom::new();
        let drawn = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let drawn =
            drawn.map_err(|_| Failure::failed("this machine gives out no random numbers"))?;
        Ok(Secret::new(Base64UrlUnpadded::encode_string(
            drawn.as_ref(),
        )))
    }

    /// A key that was kept.
    pub(crate) fn kept(key: &KeptKey) -> Result<Self, Failure> {
        let damaged = || {
            Failure::new(
                crate::exit::Exit::Store,
                "the key that the tokens are bound to is damaged",
            )
            .next("log in again: hallpass login")
        };
        let bytes = Base64UrlUnpadded::decode_vec(key.expose_secret()).map_err(|_| damaged())?;
        let pair = p256(&bytes).ok_or_else(damaged)?;
        let name = SigningKeyName::new(SigningAlgorithm::Es256, DPOP);
        Ok(Self {
            name,
            pair: Pair::P256(pair),
        })
    }

    /// What it is asked for by.
    pub(crate) fn name(&self) -> SigningKeyName {
        self.name.clone()
    }

    /// What tokens are bound to.
    pub(crate) fn dpop(&self) -> Result<DpopKey, Failure> {
        let unusable = || Failure::failed("the key is none that tokens can be bound to here");
        let Pair::P256(pair) = &self.pair else {
            return Err(unusable());
        };
        // A byte that says "not compressed", then the coordinates.
        let point = pair.public_key().as_ref().get(1..);
        let halves = point.and_then(|point| point.split_at_checked(32));
        let (x, y) = halves.ok_or_else(unusable)?;
        let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
        Ok(DpopKey::new(self.name(), &jwk)?)
    }

    fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => Ok(pair.sign(&random, bytes)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(bytes).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature)?;
                Ok(signature)
            }
        }
    }
}

fn p256(pkcs8: &[u8]) -> Option<EcdsaKeyPair> {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random).ok()
}

impl Keys {
    /// This key, if there is one.
    pub(crate) fn of(key: Option<&Arc<SigningKey>>) -> Self {
        Self(key.into_iter().cloned().collect())
    }

    pub(crate) fn with(mut self, key: SigningKey) -> Self {
        self.0.push(Arc::new(key));
        self
    }
}

#[async_trait]
impl Signer for Keys {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let key = self.0.iter().find(|key| key.name == *input.key());
        let key = key.ok_or_else(|| SignError::unknown_key(input))?;
        let signed = key.sign(input.bytes());
        signed
            .map(Signature::new)
            .map_err(|_| SignError::failed("the key does not sign"))
    }
}
