//! The web application on a port of its own, beside its authorization server.

use std::{net::SocketAddr, sync::Arc};

use hallpass::{
    AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest, store::MemoryStore,
};
use hallpass_testkit::TestServer;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};
use web_login::{App, Home};

pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) origin: String,
}

impl Site {
    /// As `cargo run -p web-login` has it.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, origin).await
    }

    /// As on the internet: `https://app.example`, by TLS at this address.
    pub(crate) async fn open_behind_tls() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let application = listener.local_addr().unwrap();
        let site = Self::serve(listener, "https://app.example".to_owned()).await;
        let acceptor = acceptor("app.example");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await.ok()?;
                    let mut inside = TcpStream::connect(application).await.ok()?;
                    copy_bidirectional(&mut outside, &mut inside).await.ok()
                });
            }
        });
        (site, address)
    }

    async fn serve(listener: TcpListener, origin: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = TestServer::start(Default::default());
        let home = Home::new(&origin).unwrap();
        let issuer = Issuer::new(server.issuer()).unwrap();
        let provider = Provider::discover("example", issuer).await.unwrap();
        let client = provider.client(
            AuthorizationCodeCredentials::new()
                .with_client_id("native")
                .with_redirect_uri(home.redirect_uri())
                .with_scopes(Scopes::parse("read").unwrap()),
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let store = Arc::new(MemoryStore::new());
        let app = App::new(home, client, store, server.resource_url(), http);
        tokio::spawn(async move { axum::serve(listener, app.router()).await });
        Self { server, origin }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

fn acceptor(host: &str) -> TlsAcceptor {
    let identity = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], key.into());
    TlsAcceptor::from(Arc::new(config.unwrap()))
}
