//! The client's own keys: those that sign, those that open what is encrypted, and what the world may know of them.

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
    /// Why others of the set are not among them.
    set_aside: Vec<String>,
}

impl Keys {
    /// Reads a private JWK set. Keys that cannot be used are left out, and named where one is missed.
    pub(crate) fn read(json: &str) -> Result<Self, Failure> {
        let unusable = |error| Failure::of("the client's JWK set", error);
        let set: Value = serde_json::from_str(json).map_err(unusable)?;
        let Some(Value::Array(members)) = set.get("keys") else {
            return Err(Failure::usage("the client's JWK set has no member `keys`"));
        };
        let mut keys = Self::default();
        for (place, key) in members.iter().enumerate() {
            match PrivateJwk::parse(&key.to_string()) {
                Ok(key) => keys.keys.push(key),
                Err(error) => keys.set_aside.push(format!("key {place}: {error}")),
            }
        }
        Ok(keys)
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
        Err(self.missing(&what))
    }

    /// The first key that opens what is encrypted so.
    pub(crate) fn opening(&self, management: KeyManagement) -> Result<DecryptionKey, Failure> {
        let mut opening = self
            .keys
            .iter()
            .filter_map(|key| key.decryption_key(management).ok());
        let what = format!("opens what is encrypted with {}", management.name());
        opening.next().ok_or_else(|| self.missing(&what))
    }

    fn missing(&self, what: &str) -> Failure {
        let mut message = format!("no key of --jwks {what}");
        for why in &self.set_aside {
            message.push_str("; ");
            message.push_str(why);
        }
        Failure::usage(message)
    }
}

fn public(key: &Jwk) -> Value {
    serde_json::from_str(&key.to_json()).unwrap_or_default()
}

#[async_trait]
impl Signer for Keys {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let algorithm = SignatureAlgorithm::from_name(input.key().algorithm().name());
        let is_it = |key: &&PrivateJwk| key.id().unwrap_or_default() == input.key().id();
        let mut keys = self.keys.iter().filter(is_it);
        let key = keys.find_map(|key| key.signing_key(algorithm?).ok());
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
        assert_eq!(published["keys"][0]["crv"], "Ed25519");
        assert_eq!(published["keys"][0].get("d"), None);
    }

    #[test]
    fn a_key_that_is_missing_is_said_to_be() {
        let with_junk = KEYS.replace("[{", r#"[{"kty":"junk"},{"#);
        let keys = Keys::read(&with_junk).unwrap();
        assert_eq!(keys.name(None).unwrap().id(), "");
        assert!(
            keys.name(Some("RS256"))
                .unwrap_err()
                .message()
                .contains("RS256")
        );
    }
}
