//! `hallpass list`: the sessions there are.

use std::process::ExitCode;

use clap::Args;
use hallpass::store::blocking::ListKeys;
use hallpass::store::{StoreError, StoreErrorKind};
use serde_json::json;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::stored::{Stored, nobody};
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
        let mut unreadable = store.unreadable()?;
        if context.is_named {
            let hash = context.name.key().sha256_hex();
            names.retain(|name| *name == context.name);
            unreadable.retain(|error| error.to_string().contains(&hash));
            if names.is_empty() && unreadable.is_empty() {
                return Err(nobody(&context.name));
            }
        }
        let (mut sessions, mut troubles) = (Vec::new(), Vec::new());
        for name in &names {
            match Stored::load(&store, name) {
                Ok(Some(stored)) => sessions.push(Summary::new(name, &stored)),
                // It was logged out of just now.
                Ok(None) => {}
                Err(error) => troubles.push(error.of(name)),
            }
        }
        if !unreadable.is_empty() {
            let known = context.known_names();
            troubles.extend(unreadable.into_iter().map(|error| unnamed(error, &known)));
        }
        if names.is_empty() && !context.output.is_json() {
            context
                .output
                .say("There are no sessions: hallpass login ISSUER begins one.");
        }
        let answer = json!({ "sessions": sessions, "unreadable": troubles.iter().map(ToString::to_string).collect::<Vec<_>>() });
        context.output.answer(&Summary::table(&sessions), &answer)?;
        for trouble in &troubles {
            context.output.failure(trouble);
        }
        match troubles.is_empty() {
            true => Ok(Exit::Done.into()),
            false => Ok(Exit::Store.into()),
        }
    }
}

/// A file that says no more whose it is: its name is the hash of the session's, which is found if it is one that is known.
fn unnamed(error: StoreError, known: &[Name]) -> Failure {
    if error.kind() != StoreErrorKind::Corrupt {
        return error.into();
    }
    let file = error.to_string();
    let mut known = known.iter();
    match known.find(|name| file.contains(&name.key().sha256_hex())) {
        Some(name) => Failure::new(Exit::Store, format!("the session `{name}` cannot be read"))
            .because(&error)
            .next(format!(
                "log in again: hallpass login{} ISSUER",
                name.option()
            )),
        None => Failure::new(
            Exit::Store,
            "a session whose name is not known cannot be read",
        )
        .because(&error)
        .next("log in again with --profile and its name, or remove the file"),
    }
}
