//! The stories. Each is what an application does; the printing is beside it.

mod code;
mod device;
mod implicit;
mod service;

use hallpass::{
    ApiError, Client, Endpoint, ErrorKind, Issuer, Provider, Scope, ServerMetadata, TokenSet,
};
use hallpass_http::{Driver, ReqwestTransport, TokioRuntime};
use hallpass_testkit::TestServer;

use crate::masked;
use crate::narrator::Narrator;

pub use code::oauthacg;
pub use device::device;
pub use implicit::{httpig, petstore_auth};
pub use service::service;

type Outcome = Result<String, Box<dyn std::error::Error>>;

const REDIRECT_URI: &str = "http://127.0.0.1/callback";

fn provider(
    name: &str,
    server: &TestServer,
    path: &str,
) -> Result<Provider, Box<dyn std::error::Error>> {
    let base = server.base_url();
    let metadata = ServerMetadata::default()
        .with_issuer(Issuer::new(server.issuer())?)
        .with_authorization_endpoint(Endpoint::new(format!("{base}{path}"))?)
        .with_token_endpoint(Endpoint::new(format!("{base}/oauth/token"))?);
    let driver = Driver::new(Narrator(ReqwestTransport::new()?), TokioRuntime);
    Ok(Provider::with_driver(name, metadata, driver))
}

/// An application's own call, with an HTTP client of its own.
async fn call<G: Clone + Default>(
    server: &TestServer,
    client: &Client<G>,
) -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let request = client.authorize_reqwest(http.get(server.resource_url()))?;
    println!("    → GET {}", server.resource_url());
    println!("        authorization: Bearer …");
    let response = request.send().await?;
    println!("    ← {}", response.status());
    let response = ApiError::check_response(response)?;
    println!("        {}", response.text().await?);
    Ok(())
}

fn chapter(name: &str, what: &str) {
    println!("━━ {name}: {what}");
}

fn explained(what: &str) {
    println!("      ({what})");
}

fn step(what: &str) {
    println!("\n  {what}");
}

fn asked_for<S: Scope>() {
    let scopes = S::ALL
        .iter()
        .map(|scope| format!("{} ({})", scope.value(), scope.description()));
    println!("  It asks for: {}", scopes.collect::<Vec<_>>().join(", "));
}

fn received(tokens: &TokenSet) {
    let access_token = masked::mask(tokens.access_token.expose_secret());
    println!("    received: access token {access_token}");
    if let Some(refresh_token) = &tokens.refresh_token {
        println!(
            "              refresh token {}",
            masked::mask(refresh_token.expose_secret())
        );
    }
    println!("              scopes {}", tokens.scopes);
    if let Some(end) = tokens.expires_at {
        println!("              until {}:{:02} UTC", end.hour(), end.minute());
    }
}

/// What the application is told, where it must not get anything.
fn refused<T>(
    outcome: Result<T, hallpass::ProviderError>,
) -> Result<(), Box<dyn std::error::Error>> {
    match outcome {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Refused(_) | ErrorKind::Violation(_)
            ) =>
        {
            println!("    The application is told: {error}");
            Ok(())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err("what had to be refused gave a token".into()),
    }
}
