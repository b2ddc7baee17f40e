//! The web application on a port of its own, beside its authorization server.

use std::sync::Arc;

use hallpass::{
    AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest, store::MemoryStore,
};
use hallpass_testkit::TestServer;
use tokio::net::TcpListener;
use web_login::{App, Home};

pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) origin: String,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = TestServer::start(Default::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home = Home::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let issuer = Issuer::new(server.issuer()).unwrap();
        let provider = Provider::discover("example", issuer).await.unwrap();
        let client = provider.client(
            AuthorizationCodeCredentials::new()
                .with_client_id("native")
                .with_redirect_uri(home.redirect_uri())
                .with_scopes(Scopes::parse("read").unwrap()),
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let origin = home.origin().to_owned();
        let store = Arc::new(MemoryStore::new());
        let app = App::new(home, client, store, server.resource_url(), http);
        tokio::spawn(async move { axum::serve(listener, app.router()).await });
        Self { server, origin }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}
