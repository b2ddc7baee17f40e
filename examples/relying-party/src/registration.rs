//! Who the client is: by registration for this run, or as the command line says.

use hallpass_grant::token::AccessToken;
use hallpass_grant::{
    Client, ClientAuthentication, MacAlgorithm, MacKey, RegisteredClient, ServerMetadata,
};
use hallpass_oidc::{ProviderMetadata, RelyingPartyMetadata};
use serde_json::json;

use crate::arguments::ClientAuth;
use crate::failure::Failure;
use crate::program::Program;
use crate::report::Step;
use crate::tls;

/// The client, and what is registered of it as far as we know.
pub(crate) struct Known {
    pub(crate) client: Client,
    pub(crate) metadata: RelyingPartyMetadata,
    /// What takes the registration back.
    pub(crate) registered: Option<RegisteredClient>,
    pub(crate) secret: Option<String>,
}

impl Program {
    /// The client as the command line has it, or a new one.
    pub(crate) async fn client(&self, provider: &ProviderMetadata) -> Result<Known, Failure> {
        let known = match self.arguments.client.register {
            true => self.register(provider).await?,
            false => self.given(provider)?,
        };
        Ok(known)
    }

    fn given(&self, provider: &ProviderMetadata) -> Result<Known, Failure> {
        let arguments = &self.arguments.client;
        let id = arguments.client_id.as_deref();
        let id = id.ok_or_else(|| Failure::usage("--client-id is missing, or --register"))?;
        let secret = arguments
            .client_secret_file
            .as_deref()
            .map(tls::secret)
            .transpose()?;
        let authentication = self.authentication(secret.as_deref())?;
        let client =
            Client::new(provider.server().clone(), id)?.with_authentication(authentication);
        let (_, metadata) = self.own.metadata(&self.arguments, &self.keys)?;
        Ok(Known {
            client: client.with_redirect_uri(self.own.redirect_uri()?)?,
            metadata,
            registered: None,
            secret,
        })
    }

    fn authentication(&self, secret: Option<&str>) -> Result<ClientAuthentication, Failure> {
        let missing =
            || Failure::usage("this way for a client to prove itself needs --client-secret-file");
        let secret = || secret.ok_or_else(missing);
        Ok(match self.arguments.client.client_auth {
            ClientAuth::None => ClientAuthentication::None,
            ClientAuth::ClientSecretBasic => ClientAuthentication::Basic(secret()?.into()),
            ClientAuth::ClientSecretPost => ClientAuthentication::Post(secret()?.into()),
            ClientAuth::ClientSecretJwt => {
                ClientAuthentication::SecretJwt(MacKey::new(MacAlgorithm::Hs256, secret()?)?)
            }
            ClientAuth::PrivateKeyJwt => ClientAuthentication::PrivateKeyJwt(self.keys.name(None)?),
            ClientAuth::Certificate | ClientAuth::SelfSignedCertificate => {
                ClientAuthentication::MutualTls
            }
        })
    }

    async fn register(&self, provider: &ProviderMetadata) -> Result<Known, Failure> {
        let arguments = &self.arguments.client;
        let (metadata, asked) = self.own.metadata(&self.arguments, &self.keys)?;
        let initial = match &arguments.initial_access_token_file {
            Some(file) => {
                let token = AccessToken::new(tls::secret(file)?);
                Some(token.map_err(|error| Failure::of(file.display(), error))?)
            }
            None => None,
        };
        let server: &ServerMetadata = provider.server();
        let mut call = server.register(&metadata, initial.as_ref())?;
        let mut registered = self.driver.drive(&mut call).await?;
        let method = &mut registered.metadata.token_endpoint_auth_method;
        // Where the server does not say, it is what was asked for.
        method.get_or_insert_with(|| arguments.client_auth.name().to_owned());
        let key = match arguments.client_auth {
            ClientAuth::PrivateKeyJwt => Some(self.keys.name(None)?),
            _ => None,
        };
        let authentication = registered.authentication(key)?;
        let client = Client::new(provider.server().clone(), &registered.client_id)?;
        let client = client
            .with_authentication(authentication)
            .with_redirect_uri(self.own.redirect_uri()?)?;
        let metadata = asked.answered(&registered.metadata)?;
        self.report.ok(
            Step::Registration,
            json!({"client_id": registered.client_id}),
        );
        let secret = registered.client_secret.as_ref();
        Ok(Known {
            client,
            metadata,
            secret: secret.map(|secret| secret.expose_secret().to_owned()),
            registered: Some(registered),
        })
    }
}
