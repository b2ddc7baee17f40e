//! The three stories. Each is what an application does; the printing is beside it.

use std::sync::Arc;

use hallpass::store::FileStore;
use hallpass::{
    ApiError, AuthorizationCodeCredentials, Client, Credentials, Endpoint, Implicit,
    ImplicitCredentials, Issuer, Key, Profile, Provider, Scope, ServerMetadata, TokenSet,
};
use hallpass_http::{Driver, ReqwestTransport, TokioRuntime};
use hallpass_testkit::{Decision, TestServer, User};

use crate::masked;
use crate::narrator::Narrator;
use crate::scopes::{Files, HttpIg, Petstore};

type Outcome = Result<String, Box<dyn std::error::Error>>;

const REDIRECT_URI: &str = "http://127.0.0.1/callback";

/// The implicit grant of the SDK "httpIG".
pub async fn httpig(server: &TestServer) -> Outcome {
    let provider = provider("httpIG", server, "/oauth2/authorize")?.with_profile(Profile::HTTPIG);
    let credentials = ImplicitCredentials::new()
        .with_client_id("httpig")
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes([HttpIg::ReadScope, HttpIg::WriteScope]);
    implicit::<HttpIg>("httpIG", server, provider.client(credentials)).await
}

/// The implicit grant of the SDK "petstore_auth".
pub async fn petstore_auth(server: &TestServer) -> Outcome {
    let provider =
        provider("petstore_auth", server, "/oauth/authorize")?.with_profile(Profile::PETSTORE_AUTH);
    let credentials = ImplicitCredentials::new()
        .with_client_id("petstore_auth")
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes([Petstore::ReadPets, Petstore::WritePets]);
    implicit::<Petstore>("petstore_auth", server, provider.client(credentials)).await
}

/// The authorization code grant of the SDK with the scheme "OAuthACG".
pub async fn oauthacg(server: &TestServer) -> Outcome {
    chapter(
        "OAuthACG",
        "a program with a server of its own asks for a code, and exchanges it for a token",
    );
    let provider = provider("OAuthACG", server, "/oauth/authorize")?;
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("oauthacg")
            .with_client_secret("acg-secret")
            .with_redirect_uri(REDIRECT_URI)
            .with_scopes([Files::ReadScope]),
    );

    asked_for::<Files>();
    step("1. The application sends the user's browser to the consent page:");
    let (url, pending) = client.authorization_url()?;
    println!("    {}", masked::url(url.as_str()));
    step("2. The user logs in as alice and clicks Allow. The browser is sent back to:");
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow)?;
    println!("    {}", masked::url(&callback));
    step("3. The application checks what came back and exchanges the code for tokens:");
    let tokens = client.fetch_token(pending, callback.as_str()).await?;
    received(&tokens);

    step("4. It puts the token on a call:");
    call(
        server,
        &client.clone_with(|own| own.with_token(tokens.clone())),
    )
    .await?;

    step(
        "5. It stores the tokens in a file, forgets everything, starts again from the file, and refreshes:",
    );
    let folder = tempfile::tempdir()?;
    let session = client.session(
        Arc::new(FileStore::open(folder.path().join("tokens"))?),
        Key::new("alice"),
    )?;
    session.save(&tokens).await?;
    let again = client.session(
        Arc::new(FileStore::open(folder.path().join("tokens"))?),
        Key::new("alice"),
    )?;
    let refreshed = again.refresh().await?;
    received(&refreshed);
    call(server, &client.clone_with(|own| own.with_token(refreshed))).await?;

    step("6. Another time the user clicks Deny:");
    let (url, pending) = client.authorization_url()?;
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Deny)?;
    println!("    {}", masked::url(&callback));
    denied(client.fetch_token(pending, callback.as_str()).await)?;
    Ok("OAuthACG       consent ✓  code exchanged ✓  call ✓  stored and reloaded ✓  refreshed ✓  denial told ✓".into())
}

async fn implicit<S: Scope>(name: &str, server: &TestServer, client: Client<Implicit>) -> Outcome {
    chapter(
        name,
        "a page in a browser asks for a token, which comes back in the address itself",
    );
    asked_for::<S>();
    step("1. The application sends the user's browser to the consent page:");
    let (url, pending) = client.authorization_url()?;
    println!("    {}", masked::url(url.as_str()));
    step("2. The user logs in as alice and clicks Allow. The browser is sent back to:");
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow)?;
    println!("    {}", masked::url(&callback));
    step(
        "3. The application checks what came back and takes the token out of it; nothing is sent:",
    );
    let tokens = client.receive_token(pending, callback.as_str())?;
    received(&tokens);

    step("4. It puts the token on a call:");
    call(
        server,
        &client.clone_with(|own| own.with_token(tokens.clone())),
    )
    .await?;

    step("5. It stores the token in a file, forgets everything, and starts again from the file:");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("token.json");
    std::fs::write(&file, serde_json::to_vec(&tokens)?)?;
    let stored: TokenSet = serde_json::from_slice(&std::fs::read(&file)?)?;
    let again = client
        .provider()
        .client(Credentials::<Implicit>::new().with_token(stored));
    call(server, &again).await?;
    println!(
        "    (An implicit token has no refresh token: when it ends, the user is asked again.)"
    );

    step("6. Another time the user clicks Deny:");
    let (url, pending) = client.authorization_url()?;
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Deny)?;
    println!("    {}", masked::url(&callback));
    denied(client.receive_token(pending, callback.as_str()))?;
    Ok(format!(
        "{name:<14} consent ✓  token received ✓  call ✓  stored and reloaded ✓  denial told ✓"
    ))
}

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
    ApiError::check(response.status(), response.headers())?;
    println!("        {}", response.text().await?);
    Ok(())
}

fn chapter(name: &str, what: &str) {
    println!("━━ {name}: {what}");
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

fn denied<T>(
    outcome: Result<T, hallpass::ProviderError>,
) -> Result<(), Box<dyn std::error::Error>> {
    match outcome {
        Err(error) if error.refused().is_some() => {
            println!("    The application is told: {error}\n");
            Ok(())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err("a denied consent gave a token".into()),
    }
}
