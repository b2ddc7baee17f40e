//! The client credentials grant: nobody is asked.

use hallpass::ClientCredentialsCredentials;
use hallpass_testkit::TestServer;

use super::{Outcome, asked_for, call, chapter, provider, received, step};
use crate::scopes::HttpIg;

/// The client credentials grant of a program that acts for itself.
pub async fn service(server: &TestServer) -> Outcome {
    chapter(
        "service",
        "a program that acts for itself asks for a token with its own secret; there is no user",
    );
    let provider = provider("service", server, "/oauth/authorize")?;
    let client = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret")
            .with_scopes([HttpIg::ReadScope, HttpIg::WriteScope]),
    );

    asked_for::<HttpIg>();
    step("1. The program shows its secret, and asks for a token:");
    let tokens = client.fetch_token().await?;
    received(&tokens);

    step("2. It puts the token on a call:");
    call(server, &client.with_token(tokens)).await?;
    println!();
    Ok("service        token received ✓  call ✓".into())
}
