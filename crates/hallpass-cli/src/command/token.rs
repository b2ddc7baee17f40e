//! `hallpass token`: a valid access token, and nothing else.

use std::process::ExitCode;

use clap::Args;
use hallpass::TokenSet;
use hallpass::session::{Refresh, Window, Windows};
use serde_json::json;
use time::UtcDateTime;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::Stored;
use crate::watch::Watch;

/// Print a valid access token, and nothing else.
#[derive(Args)]
pub(crate) struct Token {
    #[command(flatten)]
    secret: SecretOptions,
}

impl Token {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        valid(context, &self.secret, |tokens| print(context, tokens))?;
        Ok(Exit::Done.into())
    }
}

fn print(context: &Context, tokens: &TokenSet) -> Result<(), Failure> {
    let token = tokens.access_token.expose_secret();
    match context.output.is_json() {
        false => context.output.secret(token),
        true => context.output.secret(
            &json!({
                "access_token": token,
                "token_type": tokens.token_type.scheme(),
                "expires_at": tokens.expires_at.map(UtcDateTime::unix_timestamp),
                "scope": tokens.scopes.to_string(),
            })
            .to_string(),
        ),
    }
}

/// Gives valid tokens to `using`: those at hand, or new ones. It is called before anything else is waited for.
pub(crate) fn valid<T>(
    context: &Context,
    secret: &SecretOptions,
    using: impl FnOnce(&TokenSet) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let store = context.store()?;
    let stored = Stored::found(&store, &context.name)?;
    if is_fresh(&stored) {
        return using(&stored.record.tokens);
    }
    let proof = stored.account.proof(secret)?;
    let session = stored.session(store, &context.name, &proof)?;
    let (session, watch) = Watch::over(session);
    runtime::wait_for_session(context.output, &session, async {
        let tokens = watch.during(context.output, session.tokens()).await;
        let tokens = tokens.map_err(|error| context.session(error))?;
        if tokens.unsaved().is_some() {
            context
                .output
                .say("The new tokens could not be saved yet: trying again.");
        }
        using(&tokens)
    })
}

/// Whether the tokens are used as they are: then neither the client's secret nor a server is needed.
fn is_fresh(stored: &Stored) -> bool {
    let record = &stored.record;
    let window = Windows::default().of(&record.tokens, record.obtained_at, UtcDateTime::now());
    window == Window::Fresh && !matches!(record.refresh, Refresh::Ended(_))
}
