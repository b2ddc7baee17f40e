//! The implicit grant: the token comes back in the address itself.

use hallpass::{Client, Credentials, Implicit, ImplicitCredentials, Profile, Scope, TokenSet};
use hallpass_testkit::{Decision, TestServer, User};

use super::{Outcome, REDIRECT_URI, asked_for, call, chapter, provider, received, refused, step};
use crate::masked;
use crate::scopes::{HttpIg, Petstore};

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

async fn implicit<S: Scope>(name: &str, server: &TestServer, client: Client<Implicit>) -> Outcome {
    chapter(
        name,
        "a page in a browser asks for a token, which comes back in the address itself (legacy: new ones ask for a code)",
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
    refused(client.receive_token(pending, callback.as_str()))?;
    println!();
    Ok(format!(
        "{name:<14} consent ✓  token received ✓  call ✓  stored and reloaded ✓  denial told ✓"
    ))
}
