//! What proves who the client is, read from where it is.

use std::sync::Arc;

use hallpass::{Confidential, Credentials, MacAlgorithm, MacKey, Secret};

use crate::error::Failure;
use crate::key::SigningKey;
use crate::secret::SecretSource;
use crate::settings::{ClientAuth, ClientOptions};

/// What proves who the client is, read from where it is.
pub(crate) enum Proof {
    /// Nothing: a public client.
    None,
    /// A secret, sent as the server says.
    Secret(Secret),
    /// A secret, sent in the form.
    SecretInForm(Secret),
    /// A secret that signs assertions.
    SigningSecret(MacKey),
    /// A key that signs assertions.
    Key(Arc<SigningKey>),
}

impl Proof {
    /// Reads it. `source` is where the secret is, if there is one.
    pub(crate) fn read(
        client: &ClientOptions,
        source: Option<SecretSource>,
    ) -> Result<Self, Failure> {
        let secret = |method: &str| {
            match &source {
            Some(source) => source.read(),
            None => Err(Failure::usage(format!("{method} needs the client's secret")).next(
                "say where it is: --client-secret-file, --client-secret-stdin or --client-secret-env",
            )),
        }
        };
        match (client.client_auth, &client.key, &source) {
            (Some(ClientAuth::None), ..) | (None, None, None) => Ok(Self::None),
            (Some(ClientAuth::ClientSecretBasic), ..) => {
                secret("client_secret_basic").map(Self::Secret)
            }
            (Some(ClientAuth::ClientSecretPost), ..) => {
                secret("client_secret_post").map(Self::SecretInForm)
            }
            (Some(ClientAuth::ClientSecretJwt), ..) => {
                let key = MacKey::new(MacAlgorithm::Hs256, secret("client_secret_jwt")?);
                Ok(Self::SigningSecret(key?))
            }
            (None, None, Some(source)) => source.read().map(Self::Secret),
            (Some(ClientAuth::PrivateKeyJwt) | None, Some(path), _) => {
                let key = SigningKey::read(path, client.key_id.as_deref())?;
                Ok(Self::Key(Arc::new(key)))
            }
            (Some(ClientAuth::PrivateKeyJwt), None, _) => {
                Err(Failure::usage("private_key_jwt needs a key")
                    .next("say where it is: --key FILE"))
            }
        }
    }

    /// Credentials with it.
    pub(crate) fn on<G: Confidential>(&self, credentials: Credentials<G>) -> Credentials<G> {
        match self {
            Self::None => credentials,
            Self::Secret(secret) => credentials.with_client_secret(secret.clone()),
            Self::SecretInForm(secret) => credentials.with_client_secret_in_body(secret.clone()),
            Self::SigningSecret(key) => credentials.with_signing_secret(key.clone()),
            Self::Key(key) => credentials.with_private_key(key.name()),
        }
    }

    /// The key, if it is one.
    pub(crate) fn key(&self) -> Option<&Arc<SigningKey>> {
        match self {
            Self::Key(key) => Some(key),
            _ => None,
        }
    }
}
