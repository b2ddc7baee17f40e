//! The client's own keys: those that sign, those that open what is encrypted, and what the world may know of them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hallpass_grant::{Signature, SigningAlgorithm, SigningInput, SigningKeyName};
use hallpass_http::{SignError, Signer};
use hallpass_jose::{DecryptionKey, Jwk, KeyManagement, PrivateJwk, SignatureAlgorithm};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The client's private keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    keys: Vec<PrivateJwk>,
    certificates: Vec<Value>,
}

impl Keys {
    /// Reads a private JWK set. A key without a `kid` is called by its place, as in `key-0`.
    pub(crate) fn read(json: &str) -> Result<Self, Failure> {
        let unusable = |error: &dyn std::fmt::Display| Failure::of("the client's JWK set", error);
        let set: Value = serde_json::from_str(json).map_err(|error| unusable(&error))?;
        let Some(Value::Array(members)) = set.get("keys") else {
            return Err(Failure::usage("the client's JWK set has no member `keys`"));
        };
        let mut keys = Vec::new();
        let mut ids = BTreeSet::new();
        for (place, key) in members.iter().enumerate() {
            let key = PrivateJwk::parse(&key.to_string()).map_err(|error| unusable(&error))?;
            let id = key.id().map_or(format!("key-{place}"), str::to_owned);
            if !ids.insert(id.clone()) {
                return Err(Failure::usage(
                    "two keys of the client's JWK set have the same kid",
                ));
            }
            keys.push(key.with_id(id));
        }
        Ok(Self {
            keys,
            certificates: Vec::new(),
        })
    }

    /// The same, and the key of a certificate that is signed by itself: so a provider comes to know it (RFC 8705 §2.2.2).
    pub(crate) fn with_certificate(
        mut self,
        key: &str,
        chain: Vec<Value>,
    ) -> Result<Self, Failure> {
        let unusable = |error| Failure::of("the certificate's private key", error);
        let key = PrivateJwk::from_pkcs8_pem(key).map_err(unusable)?;
        let mut published = public(key.public());
        published["x5c"] = Value::Array(chain);
        published["kid"] = "certificate".into();
        self.certificates.push(published);
        Ok(self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.certificates.is_empty()
    }

    /// What the world may know: a JWK set.
    pub(crate) fn published(&self) -> Value {
        let keys = self.keys.iter().map(|key| public(key.public()));
        let keys: Vec<Value> = keys.chain(self.certificates.iter().cloned()).collect();
        json!({ "keys": keys })
    }

    /// The name of the first key that signs, with this algorithm or with the one that fits it.
    pub(crate) fn name(&self, wanted: Option<&str>) -> Result<SigningKeyName, Failure> {
        let names: Vec<&str> = match wanted {
            Some(name) => vec![name],
            None => vec!["RS256", "ES256", "PS256", "ES384", "ES512", "EdDSA"],
        };
        let known = |name: &&str| {
            Some((
                SignatureAlgorithm::from_name(name)?,
                SigningAlgorithm::from_name(name)?,
            ))
        };
        for key in &self.keys {
            let mut fitting = names.iter().filter_map(known);
            if let Some((_, algorithm)) = fitting.find(|(jose, _)| key.signing_key(*jose).is_ok()) {
                return Ok(SigningKeyName::new(algorithm, key.id().unwrap_or_default()));
            }
        }
        let what = wanted.map_or("signs".to_owned(), |name| format!("signs with {name}"));
        Err(Failure::usage(format!("no key of --jwks {what}")))
    }

    /// The first key that opens what is encrypted so.
    pub(crate) fn opening(&self, management: KeyManagement) -> Result<DecryptionKey, Failure> {
        let mut opening = self
            .keys
            .iter()
            .filter_map(|key| key.decryption_key(management).ok());
        opening.next().ok_or_else(|| {
            Failure::usage(format!(
                "no key of --jwks opens what is encrypted with {}",
                management.name()
            ))
        })
    }
}

fn public(key: &Jwk) -> Value {
    serde_json::from_str(&key.to_json()).unwrap_or_default()
}

#[async_trait]
impl Signer for Keys {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let algorithm = SignatureAlgorithm::from_name(input.key().algorithm().name());
        let key = self
            .keys
            .iter()
            .find(|key| key.id() == Some(input.key().id()));
        let key = key
            .zip(algorithm)
            .and_then(|(key, algorithm)| key.signing_key(algorithm).ok());
        let key = key.ok_or_else(|| SignError::unknown_key(input))?;
        let signature = key.sign(input.bytes()).map_err(SignError::failed)?;
        Ok(Signature::new(signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.1.
    const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    #[test]
    fn what_is_published_has_no_private_member() {
        let published = Keys::read(KEYS).unwrap().published();
        assert_eq!(published["keys"][0]["kid"], "key-0");
        assert_eq!(published["keys"][0].get("d"), None);
    }

    #[test]
    fn a_key_that_is_missing_is_said_to_be() {
        let keys = Keys::read(KEYS).unwrap();
        assert!(keys.name(None).is_ok());
        assert!(
            keys.name(Some("RS256"))
                .unwrap_err()
                .message()
                .contains("RS256")
        );
    }
}
