//! `hallpass list`: the sessions there are.

use std::process::ExitCode;

use clap::Args;
use hallpass::store::blocking::ListKeys;
use serde_json::json;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::stored::Stored;
use crate::summary::Summary;

/// List the sessions there are.
#[derive(Args)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let mut names: Vec<Name> = ListKeys::keys(&store)?
            .iter()
            .filter_map(Name::of_key)
            .collect();
        names.sort();
        let (mut sessions, mut troubles) = (Vec::new(), Vec::new());
        for name in &names {
            match Stored::load(&store, name) {
                Ok(Some(stored)) => sessions.push(Summary::new(name, &stored)),
                // It was logged out of just now.
                Ok(None) => {}
                Err(error) => troubles.push(format!("{name}: {}", error.of(name))),
            }
        }
        troubles.extend(store.unreadable()?.iter().map(ToString::to_string));
        if names.is_empty() && !context.output.is_json() {
            context
                .output
                .say("There are no sessions: hallpass login ISSUER begins one.");
        }
        let answer = json!({ "sessions": sessions, "unreadable": troubles });
        context.output.answer(&Summary::table(&sessions), &answer)?;
        for trouble in &troubles {
            context.output.say(trouble);
        }
        match troubles.is_empty() {
            true => Ok(Exit::Done.into()),
            false => Ok(Exit::Store.into()),
        }
    }
}
