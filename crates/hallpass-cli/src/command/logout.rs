//! `hallpass logout`: the server takes the tokens back, and nothing is kept.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use hallpass::Event;
use serde_json::json;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::Stored;

/// Have the server take the tokens back, and forget them.
#[derive(Args)]
pub(crate) struct Logout {
    /// Forget the tokens here, and tell the server nothing
    #[arg(long)]
    only_here: bool,
    #[command(flatten)]
    secret: SecretOptions,
}

impl Logout {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let stored = Stored::found(&store, &context.name)?;
        let revoked = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&revoked);
        let proof = stored.account.proof(&self.secret)?;
        let session = stored.account.session(store, &context.name, &proof)?;
        let session = session.on_event(move |event| {
            if event == Event::Revoked {
                seen.store(true, Ordering::Relaxed);
            }
        });
        runtime::wait_for_session(context.output, &session, async {
            let done = match self.only_here {
                true => session.forget().await,
                false => session.logout().await,
            };
            done.map_err(|error| context.session(error))
        })?;
        let revoked = revoked.load(Ordering::Relaxed);
        let line = format!("Logged out of `{}`.", context.name);
        let answer = json!({ "profile": context.name.as_str(), "revoked": revoked });
        context.output.answer(&[line], &answer)?;
        Ok(Exit::Done.into())
    }
}
