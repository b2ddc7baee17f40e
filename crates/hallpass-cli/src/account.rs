//! What a session was begun with, and goes on with: everything a refresh needs but the client's secret.

use std::sync::Arc;

use hallpass::{
    AuthorizationCode, Client, ClientCredentials, Confidential, Credentials, Profile, Provider,
    ServerMetadata, Session, TokenSet, TokenStore,
};
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::key::{KeptKey, Keys, SigningKey};
use crate::name::Name;
use crate::proof::Proof;
use crate::secret::{SecretOptions, SecretSource};
use crate::settings::{ClientAuth, Settings};
use crate::transport;

/// What a session was begun with. It is kept with the session, and has no secret of the client's in it: only where that is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) grant: Grant,
    pub(crate) settings: Settings,
    pub(crate) server: ServerMetadata,
    /// How the server differs from the RFCs.
    #[serde(default)]
    pub(crate) profile: Profile,
    /// The key that the tokens are bound to.
    pub(crate) dpop: Option<KeptKey>,
}

/// How a session was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    /// In a browser, by code.
    AuthorizationCode,
    /// In a browser, by the implicit grant.
    Implicit,
    /// On another device.
    Device,
    /// By the program itself: nobody logs in.
    ClientCredentials,
}

impl Grant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::Device => "device",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

impl Account {
    /// What to call the server.
    pub(crate) fn server_name(&self) -> &str {
        let issuer = self.server.issuer.as_ref().map(|issuer| issuer.as_str());
        let token = self.server.token_endpoint.as_ref();
        let authorization = self.server.authorization_endpoint.as_ref();
        issuer
            .or(token.or(authorization).map(|endpoint| endpoint.origin()))
            .unwrap_or("the authorization server")
    }

    /// Whether this is the same client of the same server.
    pub(crate) fn is_same_client(&self, other: &Self) -> bool {
        let is_same_server = match (&self.server.issuer, &other.server.issuer) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => self.server.token_endpoint == other.server.token_endpoint,
        };
        is_same_server && self.settings.client.client_id == other.settings.client.client_id
    }

    /// What proves the client, read from where it was said to be when the session was begun; `given` says where, if it is elsewhere now.
    pub(crate) fn proof(&self, given: &SecretOptions) -> Result<Proof, Failure> {
        let source = match (given.source(), self.settings.secret.source()) {
            (Some(given), _) => Some(given),
            (None, Some(SecretSource::Stdin)) => {
                return Err(Failure::usage(
                    "the client's secret is needed, and was read from standard input when the session was begun",
                )
                .next("give it again with --client-secret-stdin, or log in with --client-secret-file or --client-secret-env"));
            }
            (None, kept) => kept,
        };
        Proof::read(&self.settings.client, source)
    }

    /// The session of this name in this store.
    pub(crate) fn session(
        &self,
        store: Arc<dyn TokenStore>,
        name: &Name,
        proof: &Proof,
    ) -> Result<Session, Failure> {
        let session = match self.grant {
            Grant::ClientCredentials => self
                .client::<ClientCredentials>(proof)?
                .session(store, name.key()),
            // What refreshes is the same for each of them.
            Grant::AuthorizationCode | Grant::Device | Grant::Implicit => self
                .client::<AuthorizationCode>(proof)?
                .session(store, name.key()),
        };
        Ok(session?)
    }

    /// The client, with what proves it and the key that its tokens are bound to.
    pub(crate) fn client<G: Confidential>(&self, proof: &Proof) -> Result<Client<G>, Failure> {
        let credentials = proof.on(self.credentials()?);
        let keys = Keys::of(proof.key());
        let (credentials, keys) = match &self.dpop {
            Some(kept) => {
                let key = SigningKey::kept(kept)?;
                (credentials.with_dpop(key.dpop()?), keys.with(key))
            }
            None => (credentials, keys),
        };
        Ok(self.provider(keys)?.client(credentials))
    }

    /// The server, with whoever signs for the client.
    pub(crate) fn provider(&self, keys: Keys) -> Result<Provider, Failure> {
        let driver = transport::driver(self.settings.server.ca.as_deref())?.with_signer(keys);
        let provider = Provider::with_driver(self.server_name(), self.server.clone(), driver);
        Ok(provider.with_profile(self.profile.clone()))
    }

    /// What the client knows of itself, without what proves it.
    pub(crate) fn credentials<G: Clone + Default>(&self) -> Result<Credentials<G>, Failure> {
        let (client, request) = (&self.settings.client, &self.settings.request);
        let credentials = Credentials::new().with_scopes(request.scopes()?);
        let credentials = match &client.client_id {
            Some(id) => credentials.with_client_id(id),
            None => credentials,
        };
        let resources = request.resource.iter();
        let credentials = resources.fold(credentials, Credentials::with_resource);
        let audiences = request.audience.iter();
        Ok(audiences.fold(credentials, Credentials::with_audience))
    }

    /// Whether the client's secret has to be given again to get other tokens.
    pub(crate) fn wants_secret_again(&self) -> bool {
        let client = &self.settings.client;
        let is_used = match client.client_auth {
            Some(ClientAuth::None | ClientAuth::PrivateKeyJwt) => false,
            Some(
                ClientAuth::ClientSecretBasic
                | ClientAuth::ClientSecretPost
                | ClientAuth::ClientSecretJwt,
            ) => true,
            None => client.key.is_none(),
        };
        is_used && self.settings.secret.source() == Some(SecretSource::Stdin)
    }

    /// Whether these tokens are followed by others without anybody logging in.
    pub(crate) fn is_refreshable(&self, tokens: &TokenSet) -> bool {
        self.grant == Grant::ClientCredentials || tokens.refresh_token.is_some()
    }
}
