//! `hallpass credential docker`: what is behind `docker-credential-hallpass`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{credential, input};
use crate::context::Context;
use crate::credential::docker::{NOT_FOUND, answer, server, stored};
use crate::error::Failure;
use crate::exit::Exit;
use crate::receivers::Kind;

/// For Docker: a link docker-credential-hallpass to this program, and "credHelpers" in its configuration
#[derive(Args)]
pub(crate) struct Docker {
    /// What Docker says
    #[arg(value_name = "ACTION")]
    action: Action,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// the token for the registry on standard input
    Get,
    /// nothing: hallpass keeps no password
    Store,
    /// nothing: `hallpass logout` ends a session
    Erase,
    /// the registries of all profiles
    List,
}

/// The longest that is read, in bytes.
const MAX_BYTES: usize = 1 << 16;
/// What Google's registries have documented; most others take any name with a token.
const USERNAME: &str = "oauth2accesstoken";

impl Docker {
    /// What goes wrong is told on standard output too: Docker shows that, and nothing else.
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let done = match self.action {
            Action::Get => get(context),
            Action::Store => Err(refusal(input(MAX_BYTES)?, |server| {
                format!(
                    "hallpass login, and name the registry in the configuration: [credential.docker.\"{server}\"]"
                )
            })),
            Action::Erase => Err(refusal(input(MAX_BYTES)?, |_| {
                "hallpass logout ends the session".to_owned()
            })),
            Action::List => list(context),
        };
        match done {
            Ok(exit) => Ok(exit.into()),
            Err(failure) => {
                context
                    .output
                    .secret(&crate::output::shown(&failure.to_string()))?;
                Err(failure)
            }
        }
    }
}

fn get(context: &Context) -> Result<Exit, Failure> {
    let asked = String::from_utf8(input(MAX_BYTES)?)
        .map_err(|error| Failure::usage("what Docker asks is not UTF-8").because(&error))?;
    let target = server(&asked)
        .map_err(|error| Failure::usage("what Docker asks about is no registry").because(&error))?;
    let receivers = context.receivers()?;
    let Some(receiver) = receivers.find(Kind::Docker, &target) else {
        context.output.secret(NOT_FOUND)?;
        return Ok(Exit::Failed);
    };
    let username = receiver.username.as_deref().unwrap_or(USERNAME);
    let context = context.named(receiver.profile.clone());
    let credential = credential(&context, username, "Docker")?;
    context
        .output
        .secret(answer(&asked, &credential).expose_secret())?;
    Ok(Exit::Done)
}

/// Docker has a password, or wants one gone.
fn refusal(told: Vec<u8>, instead: impl FnOnce(&str) -> String) -> Failure {
    let server = stored(&told).unwrap_or_else(|_| String::from_utf8_lossy(&told).trim().to_owned());
    Failure::usage(format!("hallpass keeps no password for {server}")).next(instead(&server))
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let receivers = context.receivers()?;
    let names = receivers.of(Kind::Docker).map(|receiver| {
        let username = receiver.username.as_deref().unwrap_or(USERNAME);
        (receiver.target.to_string(), username)
    });
    let names: BTreeMap<String, &str> = names.collect();
    let listed = serde_json::to_string(&names).unwrap_or_default();
    context.output.secret(&listed)?;
    Ok(Exit::Done)
}
