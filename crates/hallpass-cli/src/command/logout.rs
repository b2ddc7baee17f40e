//! `hallpass logout`: the server takes the tokens back, and nothing is kept.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use hallpass::store::FileStore;
use hallpass::{AuthorizationCode, Event};
use serde_json::json;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::{self, Stored};

/// Have the server take the tokens back, and forget them.
#[derive(Args)]
pub(crate) struct Logout {
    /// Forget the tokens here, and tell the server nothing
    #[arg(long)]
    only_here: bool,
    #[command(flatten)]
    secret: SecretOptions,
}

/// What became of the tokens at the server.
enum AtServer {
    Revoked,
    /// They are good there until they end, because of this.
    Kept(String),
}

impl Logout {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let (store, name) = (context.store()?, &context.name);
        let at_server = match Stored::load(&store, name) {
            Ok(None) => return Err(stored::nobody(name)),
            Ok(Some(stored)) if !self.only_here => self.leave(context, store, &stored)?,
            Err(error) if !self.only_here && !error.is_damaged() => return Err(error.of(name)),
            Ok(Some(_)) => {
                Stored::remove(&store, name)?;
                AtServer::Kept("it was told nothing, as you asked".to_owned())
            }
            Err(_) => {
                Stored::remove(&store, name)?;
                AtServer::Kept("what was stored could not be read".to_owned())
            }
        };
        let mut line = format!("Logged out of `{name}`.");
        let why = match at_server {
            AtServer::Revoked => None,
            AtServer::Kept(why) => {
                line.push_str(&format!(
                    " At the server the tokens stay good until they end: {why}."
                ));
                Some(why)
            }
        };
        let answer =
            json!({ "profile": name.as_str(), "revoked": why.is_none(), "why_not_revoked": why });
        context.output.answer(&[line], &answer)?;
        Ok(Exit::Done.into())
    }

    /// Ends the session here in any case, and at the server if that can be.
    fn leave(
        &self,
        context: &Context,
        store: FileStore,
        stored: &Stored,
    ) -> Result<AtServer, Failure> {
        let account = &stored.account;
        if account.server.revocation_endpoint.is_none() {
            Stored::remove(&store, &context.name)?;
            return Ok(AtServer::Kept(
                "it has no revocation endpoint that is known here".to_owned(),
            ));
        }
        let proof = match account.proof(&self.secret) {
            Ok(proof) => proof,
            // Who cannot prove the client may leave all the same.
            Err(failure) => {
                Stored::remove(&store, &context.name)?;
                return Ok(AtServer::Kept(failure.to_string()));
            }
        };
        let heard = Arc::new(Mutex::new(None));
        let ear = Arc::clone(&heard);
        let session = stored.session(store, &context.name, &proof)?;
        let session = session.on_event(move |event| {
            if matches!(event, Event::Revoked | Event::NotRevoked) {
                *ear.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
            }
        });
        let left = runtime::wait_for_session(context.output, &session, async {
            if stored.record.tokens.refresh_token.is_none() {
                // A session revokes refresh tokens; here there is but the access token.
                let client = account.client::<AuthorizationCode>(&proof)?;
                let client = client.with_token(stored.record.tokens.clone());
                let told = client.revoke_token().await;
                session
                    .forget()
                    .await
                    .map_err(|error| context.session(error))?;
                return Ok(Some(told));
            }
            session
                .logout()
                .await
                .map_err(|error| context.session(error))?;
            Ok(None)
        })?;
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(match (left, heard) {
            (Some(Ok(())), _) | (None, Some(Event::Revoked)) => AtServer::Revoked,
            (Some(Err(error)), _) => AtServer::Kept(Failure::from(error).to_string()),
            (None, _) => AtServer::Kept("it could not be told".to_owned()),
        })
    }
}
