//! A program on the user's own machine that logs in through the browser.

use hallpass::{
    ApiError, AuthorizationCode, AuthorizationCodeCredentials, Client, Credentials, Implicit,
    ImplicitCredentials, Issuer, Provider, ProviderError, ResponseMode, Scopes, TokenSet,
    loopback::{Options, Receiver},
    reqwest,
};
use hallpass_testkit::TestServer;
use tokio::task::JoinHandle;

/// It has begun a login, and waits for the browser.
pub(crate) struct Native<G> {
    /// What the browser has to open.
    pub(crate) url: String,
    pub(crate) redirect_uri: String,
    client: Client<G>,
    login: JoinHandle<Result<TokenSet, ProviderError>>,
}

impl Native<Implicit> {
    /// As in the tutorial: a token in the fragment. Or in another part.
    pub(crate) async fn implicit(server: &TestServer, mode: ResponseMode) -> Self {
        let (receiver, provider) = begin(server).await;
        let redirect_uri = receiver.redirect_uri();
        let credentials = ImplicitCredentials::new().with_client_id("httpig");
        let client = provider.client(at_home(credentials, &redirect_uri));
        let begun = client.authorization_url_with(|request| Ok(request.response_mode(mode)));
        let (url, pending) = begun.unwrap();
        let login = tokio::spawn({
            let client = client.clone();
            async move {
                let received = receiver.receive(&pending).await.unwrap();
                let tokens = client.receive_token(pending, &received);
                received.tell(tokens).await
            }
        });
        Self {
            url: url.as_str().to_owned(),
            redirect_uri,
            client,
            login,
        }
    }
}

impl Native<AuthorizationCode> {
    /// A code, in this response mode.
    pub(crate) async fn code(server: &TestServer, mode: ResponseMode) -> Self {
        let (receiver, provider) = begin(server).await;
        let redirect_uri = receiver.redirect_uri();
        let credentials = AuthorizationCodeCredentials::new().with_client_id("native");
        let client = provider.client(at_home(credentials, &redirect_uri));
        let begun = client.authorization_url_with(|request| Ok(request.response_mode(mode)));
        let (url, pending) = begun.unwrap();
        let login = tokio::spawn({
            let client = client.clone();
            async move {
                let received = receiver.receive(&pending).await.unwrap();
                let tokens = client.fetch_token(pending, &received).await;
                received.tell(tokens).await
            }
        });
        Self {
            url: url.as_str().to_owned(),
            redirect_uri,
            client,
            login,
        }
    }
}

impl<G: Clone + Default> Native<G> {
    /// Whether the login still waits for its answer.
    pub(crate) fn waits(&self) -> bool {
        !self.login.is_finished()
    }

    /// How the login ended.
    pub(crate) async fn ended(&mut self) -> Result<TokenSet, ProviderError> {
        (&mut self.login).await.unwrap()
    }

    /// Calls the resource with these tokens.
    pub(crate) async fn calls(
        &self,
        server: &TestServer,
        tokens: &TokenSet,
    ) -> Result<String, ApiError> {
        let request = http().get(server.resource_url());
        let response = self.client.with_token(tokens.clone()).send(request).await;
        let response = ApiError::check_response(response.unwrap())?;
        Ok(response.text().await.unwrap())
    }
}

async fn begin(server: &TestServer) -> (Receiver, Provider) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let receiver = Receiver::bind(Options::new("Photo Printer")).unwrap();
    let issuer = Issuer::new(server.issuer()).unwrap();
    let provider = Provider::discover("example", issuer).await.unwrap();
    (receiver, provider)
}

fn at_home<G: Clone + Default>(credentials: Credentials<G>, redirect_uri: &str) -> Credentials<G> {
    credentials
        .with_redirect_uri(redirect_uri)
        .with_scopes(Scopes::parse("read").unwrap())
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
