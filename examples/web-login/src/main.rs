//! The application on a port of this machine, beside an authorization server to log in at.

use std::{error::Error, sync::Arc};

use hallpass::{
    AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest, store::MemoryStore,
};
use hallpass_testkit::TestServer;
use web_login::{App, Home};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = TestServer::start(Default::default()); // stands in for your provider
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    // Behind a proxy that does TLS this is `https://` and your host.
    let home = Home::new(&format!("http://{}", listener.local_addr()?))?;

    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri(home.redirect_uri())
            .with_scopes(Scopes::parse("read")?),
    );
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    println!(
        "Open {}/ and log in as alice with wonderland, or as bob with builder.",
        home.origin()
    );
    // Another store is another line: a folder, Redis, a database.
    let store = Arc::new(MemoryStore::new());
    let app = App::new(home, client, store, server.resource_url(), http);
    axum::serve(listener, app.router()).await?;
    Ok(())
}
