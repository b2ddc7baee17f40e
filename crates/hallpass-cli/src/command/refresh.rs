//! `hallpass refresh`: a new token, though the old one may be good.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use time::UtcDateTime;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::Stored;
use crate::watch::Watch;

/// Get a new token now.
#[derive(Args)]
pub(crate) struct Refresh {
    #[command(flatten)]
    secret: SecretOptions,
}

impl Refresh {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let stored = Stored::found(&store, &context.name)?;
        let proof = stored.account.proof(&self.secret)?;
        let session = stored.session(store, &context.name, &proof)?;
        let (session, watch) = Watch::over(session);
        let tokens = runtime::wait_for_session(context.output, &session, async {
            let tokens = watch.during(context.output, session.refresh()).await;
            tokens.map_err(|error| context.session(error))
        })?;
        let until = crate::output::until(tokens.expires_at, UtcDateTime::now());
        let answer = json!({
            "profile": context.name.as_str(),
            "expires_at": tokens.expires_at.map(UtcDateTime::unix_timestamp),
        });
        let line = format!("There is a new token for `{}`; {until}.", context.name);
        context.output.answer(&[line], &answer)?;
        Ok(Exit::Done.into())
    }
}
