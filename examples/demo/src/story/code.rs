//! The authorization code grant: a code comes back, which only the application can exchange.

use std::sync::Arc;

use hallpass::store::FileStore;
use hallpass::{AuthorizationCodeCredentials, Key};
use hallpass_testkit::{Decision, Endpoint, TestServer, User};

use super::{
    Outcome, REDIRECT_URI, asked_for, call, chapter, explained, provider, received, refused, step,
};
use crate::masked;
use crate::scopes::Files;

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
    explained(
        "state is drawn for this browser alone: who comes back with another did not begin here",
    );
    explained(
        "code_challenge is the hash of a secret that goes with the code later: a stolen code is worth nothing",
    );
    step("2. The user logs in as alice and clicks Allow. The browser is sent back to:");
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow)?;
    println!("    {}", masked::url(&callback));
    explained(
        "iss is the server that answers: no other can pass for it, and the code goes to no other",
    );
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

    step(
        "6. Bob logs in himself, and has alice's browser sent to the application with his answer:",
    );
    let (_, pending) = client.authorization_url()?;
    let (url, _) = client.authorization_url()?;
    let forged = server.consent(url.as_str(), &User::bob(), &Decision::Allow)?;
    println!("    {}", masked::url(&forged));
    let before = server.requests_to(Endpoint::Token).len();
    refused(client.fetch_token(pending, forged.as_str()).await)?;
    match server.requests_to(Endpoint::Token).len() == before {
        true => explained("nothing was sent, and alice does not work in bob's account unawares"),
        false => return Err("a forged callback made the application send a code".into()),
    }

    step("7. Another time the user clicks Deny:");
    let (url, pending) = client.authorization_url()?;
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Deny)?;
    println!("    {}", masked::url(&callback));
    refused(client.fetch_token(pending, callback.as_str()).await)?;
    println!();
    Ok("OAuthACG       consent ✓  code exchanged ✓  call ✓  stored and reloaded ✓  refreshed ✓  forgery refused ✓  denial told ✓".into())
}
