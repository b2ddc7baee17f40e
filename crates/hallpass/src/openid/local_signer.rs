//! A signer whose keys are in this process.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use hallpass_grant::{Signature, SigningInput, SigningKeyName};
use hallpass_http::{SignError, Signer, blocking};
use hallpass_jose::{KeyError, PrivateJwk, SignatureAlgorithm, SigningKey};

/// Signs with keys in this process: assertions, proofs and request objects, async and blocking.
///
/// ```
/// use hallpass::jose::PrivateJwk;
/// use hallpass::{LocalSigner, SigningAlgorithm, SigningKeyName};
///
/// # fn main() -> Result<(), hallpass::jose::KeyError> {
/// # let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// let key = PrivateJwk::parse(jwk)?; // or from PEM
/// let name = SigningKeyName::new(SigningAlgorithm::Es256, "2026-01");
/// let signer = LocalSigner::new().with_key(name, &key)?;
/// // The server has the public half: in its settings, or by `key.public().to_json()`.
/// # let _ = signer; Ok(()) }
/// ```
///
/// Give it to a provider with `with_signer`. Clones share the keys; `Debug` shows what they are called.
#[derive(Clone, Default)]
pub struct LocalSigner {
    keys: Vec<(SigningKeyName, Arc<SigningKey>)>,
}

impl LocalSigner {
    /// Without a key.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a key that signs what is to be signed under this name; in the place of another of the same name.
    ///
    /// # Errors
    /// [`KeyError`] when the key is not one of the name's algorithm, or says that it is for something else.
    pub fn with_key(mut self, name: SigningKeyName, key: &PrivateJwk) -> Result<Self, KeyError> {
        let algorithm = SignatureAlgorithm::from_name(name.algorithm().name());
        let algorithm = algorithm.ok_or(KeyError::Unknown { name: "alg" })?;
        let key = key.signing_key(algorithm)?;
        self.keys.retain(|(own, _)| *own != name);
        self.keys.push((name, Arc::new(key)));
        Ok(self)
    }

    fn signature(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let found = self.keys.iter().find(|(name, _)| name == input.key());
        let (_, key) = found.ok_or_else(|| SignError::unknown_key(input))?;
        let signature = key.sign(input.bytes()).map_err(SignError::failed)?;
        Ok(Signature::new(signature))
    }
}

#[async_trait]
impl Signer for LocalSigner {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        self.signature(input)
    }
}

impl blocking::Signer for LocalSigner {
    fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        self.signature(input)
    }
}

impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.keys.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::{Duration, SystemTime};

    use hallpass_grant::{
        AuthorizationRequest, AuthorizationUrl, Client, Endpoint, Issuer, Misuse, RequestObject,
        ServerMetadata, SigningAlgorithm,
    };
    use hallpass_http::{TransportError, blocking::drive};
    use hallpass_jose::CompactJws;
    use time::UtcDateTime;

    const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn name(algorithm: SigningAlgorithm, id: &str) -> SigningKeyName {
        SigningKeyName::new(algorithm, id)
    }

    /// Something to be signed.
    fn object(key: SigningKeyName) -> RequestObject {
        let server = ServerMetadata::default()
            .with_issuer(Issuer::new("https://as.example").unwrap())
            .with_authorization_endpoint(Endpoint::new("https://as.example/authorize").unwrap())
            .with_token_endpoint(Endpoint::new("https://as.example/token").unwrap());
        let client = Client::new(server, "cid").unwrap();
        let mut random = || Ok([7; 32]);
        let grant = client.code().unwrap();
        let begun = grant.begin(
            AuthorizationRequest::new(),
            &mut random,
            UtcDateTime::UNIX_EPOCH,
        );
        let (url, _): (AuthorizationUrl, _) = begun.unwrap();
        client.request_object(url, key, &mut random).unwrap()
    }

    struct NoNetwork;

    impl blocking::Transport for NoNetwork {
        fn send(
            &self,
            _: hallpass_grant::Request,
        ) -> Result<hallpass_grant::Response, TransportError> {
            unreachable!("nothing is sent here")
        }
    }

    struct NoClock;

    impl blocking::Clock for NoClock {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) {
            unreachable!("nothing waits here")
        }
    }

    fn signed(signer: &LocalSigner, key: SigningKeyName) -> Result<String, hallpass_grant::Error> {
        let made = drive(&mut object(key), &NoNetwork, signer, &NoClock)?;
        Ok(made.object.expose_secret().to_owned())
    }

    #[test]
    fn each_key_signs_under_its_name_and_the_public_half_verifies() {
        let mut signer = LocalSigner::new();
        let keys = [
            (SigningAlgorithm::Es256, SignatureAlgorithm::Es256, P256),
            (SigningAlgorithm::EdDsa, SignatureAlgorithm::EdDsa, ED25519),
        ];
        for (own, _, jwk) in keys {
            let key = PrivateJwk::parse(jwk).unwrap();
            signer = signer.with_key(name(own, "1"), &key).unwrap();
        }
        for (own, algorithm, jwk) in keys {
            let token = signed(&signer, name(own, "1")).unwrap();
            let public = PrivateJwk::parse(jwk).unwrap().public().clone();
            let key = public.verification_key(algorithm).unwrap();
            assert!(key.verify(CompactJws::parse(&token).unwrap()).is_ok());
        }
    }

    #[test]
    fn another_name_or_algorithm_is_a_key_that_is_not_here() {
        let key = PrivateJwk::parse(P256).unwrap();
        let own = name(SigningAlgorithm::Es256, "1");
        let signer = LocalSigner::new().with_key(own, &key).unwrap();
        for other in [
            name(SigningAlgorithm::Es256, "2"),
            name(SigningAlgorithm::EdDsa, "1"),
        ] {
            let error = signed(&signer, other).unwrap_err();
            let expected = hallpass_grant::ErrorKind::Misuse(Misuse::UnknownSigningKey);
            assert_eq!(*error.kind(), expected);
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused_when_it_is_given() {
        let key = PrivateJwk::parse(P256).unwrap();
        for algorithm in SigningAlgorithm::ALL {
            let given = LocalSigner::new().with_key(name(algorithm, "1"), &key);
            assert_eq!(given.is_ok(), algorithm == SigningAlgorithm::Es256);
        }
    }

    #[test]
    fn a_newer_key_takes_the_name_and_no_secret_is_shown() {
        let own = || name(SigningAlgorithm::Es256, "1");
        let old = PrivateJwk::parse(r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#).unwrap();
        let new = PrivateJwk::parse(P256).unwrap();
        let signer = LocalSigner::new().with_key(own(), &old).unwrap();
        let signer = signer.with_key(own(), &new).unwrap();
        let token = signed(&signer, own()).unwrap();
        let key = new.public().verification_key(SignatureAlgorithm::Es256);
        assert!(
            key.unwrap()
                .verify(CompactJws::parse(&token).unwrap())
                .is_ok()
        );
        let shown = format!("{signer:?}");
        assert!(
            shown.contains("\"1\"") && !shown.contains("jpsQ"),
            "{shown}"
        );
    }

    #[test]
    fn a_signer_goes_to_another_thread() {
        fn check<T: Send + Sync + 'static>() {}
        check::<LocalSigner>();
    }
}
