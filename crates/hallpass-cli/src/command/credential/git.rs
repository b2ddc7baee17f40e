//! `hallpass credential git` (gitcredentials(7)).

use std::process::ExitCode;

use clap::Args;
use hallpass::AccessToken;

use super::{credential, input};
use crate::context::Context;
use crate::credential::Target;
use crate::credential::git::{MAX_BYTES, Question, Sent, answer};
use crate::error::Failure;
use crate::exit::Exit;
use crate::receivers::{Kind, Receivers};
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::Stored;

/// For git: git config --global credential.helper '!hallpass credential git'
#[derive(Args)]
pub(crate) struct Git {
    /// What git says: `get`, `store` or `erase`
    #[arg(value_name = "ACTION")]
    action: String,
}

/// Most servers that speak git take any name with a token; this is what GitLab has documented.
const USERNAME: &str = "oauth2";

impl Git {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let question = Question::read(&input(MAX_BYTES)?)
            .map_err(|error| Failure::usage("what git asks cannot be read").because(&error))?;
        // git asks every helper about everything: what is not for this one is no mistake.
        let Ok(target) = question.target() else {
            return Ok(Exit::Done.into());
        };
        match self.action.as_str() {
            "get" => get(context, &question, &target)?,
            "erase" => erase(context, &question, &target)?,
            // Nothing is stored that others bring, and git(1) asks that what is not known be passed over.
            _ => {}
        }
        Ok(Exit::Done.into())
    }
}

fn get(context: &Context, question: &Question, target: &Target) -> Result<(), Failure> {
    let receivers = context.receivers()?;
    let Some(receiver) = receivers.find(Kind::Git, target) else {
        hint(context, &receivers, question, target);
        return Ok(());
    };
    let username = receiver.username.as_deref().unwrap_or(USERNAME);
    let sent = match receiver.bearer {
        true => Sent::Bearer,
        false => Sent::Password,
    };
    let context = context.named(receiver.profile.clone());
    let credential = credential(&context, username, "git")?;
    let answer = answer(question, &credential, sent);
    // Its last line has a break already.
    context.output.secret(answer.expose_secret().trim_end())
}

/// Where a part of this server is named and git has not said which part it wants, nobody would find out why nothing comes.
fn hint(context: &Context, receivers: &Receivers, question: &Question, target: &Target) {
    let mut own = receivers.of(Kind::Git).map(|receiver| &receiver.target);
    if question.path.is_none() && own.any(|own| own.has_path() && own.is_same_server(target)) {
        context.output.say(format!(
            "hallpass: git does not say which part of {target} it wants: git config --global credential.{target}.useHttpPath true"
        ));
    }
}

/// git says that a token was refused: if it is the session's own, it is replaced.
fn erase(context: &Context, question: &Question, target: &Target) -> Result<(), Failure> {
    let receivers = context.receivers()?;
    let (Some(receiver), Some(used)) = (receivers.find(Kind::Git, target), question.used()) else {
        return Ok(());
    };
    let context = context.named(receiver.profile.clone());
    let store = context.store()?;
    let stored = Stored::load(&store, &context.name);
    let Some(stored) = stored.map_err(|error| error.of(&context.name))? else {
        return Ok(());
    };
    let own: &AccessToken = &stored.record.tokens.access_token;
    if own.expose_secret() != used.expose_secret() {
        return Ok(());
    }
    let proof = stored.account.proof(&SecretOptions::default())?;
    let session = stored.session(store, &context.name, &proof)?;
    runtime::wait_for_session(context.output, &session, async {
        let replaced = session.refused(own).await;
        replaced.map(drop).map_err(|error| context.session(error))
    })
}
