//! A login that is over when a story begins.

use std::error::Error;

use hallpass::{AuthorizationCode, Client, TokenSet};
use hallpass_testkit::{Decision, TestServer, User};

/// Plays Alice, who logs in to this client and allows what it asks for. The program `authorization_code` shows it step by step.
///
/// # Errors
/// When she does not get that far.
pub async fn log_in(
    server: &TestServer,
    client: &Client<AuthorizationCode>,
) -> Result<TokenSet, Box<dyn Error>> {
    let (url, pending) = client.authorization_url()?;
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow)?;
    Ok(client.fetch_token(pending, callback.as_str()).await?)
}
