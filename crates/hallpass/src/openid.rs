//! OpenID Connect: who the user is, as claims that were verified. What stands here is `hallpass-oidc` with something that sends.
//!
//! ```no_run
//! use hallpass::AuthorizationCodeCredentials;
//! use hallpass::openid::{Client, Code, Login};
//!
//! # async fn example(callback: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::discover(
//!     "https://accounts.example",
//!     AuthorizationCodeCredentials::new()
//!         .with_client_id("s6BhdRkqt3")
//!         .with_client_secret(std::fs::read_to_string("/run/secrets/login")?.trim_end())
//!         .with_redirect_uri("https://app.example/callback"),
//! )
//! .await?;
//!
//! // Send the browser to `url`; keep `login` in the session of the user who began.
//! let (url, login) = client.authorization_url()?;
//! // When the browser is back:
//! let user = client.authenticate(login, callback).await?;
//! println!("{} has logged in", user.id_token.subject());
//!
//! // The tokens are good for whatever else the user allowed: calls, a session that refreshes them.
//! let api = client.oauth().with_token(user.tokens);
//! # Ok(()) }
//! ```

mod client;
mod local_signer;

pub use hallpass_grant::{Code, CodeIdToken, CodeIdTokenToken, CodeToken, IdToken, IdTokenToken};
pub use hallpass_oidc::*;

pub use client::Client;
pub use local_signer::LocalSigner;
