//! `hallpass credential`: a session's token for programs that ask others for credentials.

mod docker;
mod git;
mod kubernetes;

use std::io::{self, Read};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use hallpass::token::TokenType;
use hallpass::{Secret, TokenSet};

use super::token;
use crate::context::Context;
use crate::credential::Credential;
use crate::error::Failure;
use crate::name::Name;
use crate::secret::SecretOptions;

/// Give a session's token to git, Docker or kubectl, where the configuration says that it may have it.
#[derive(Args)]
pub(crate) struct Helper {
    #[command(subcommand)]
    asks: Asks,
}

/// Who asks.
#[derive(Subcommand)]
enum Asks {
    /// For git: git config --global credential.helper '!hallpass credential git'
    Git(git::Git),
    /// For Docker: a link docker-credential-hallpass to this program, and "credHelpers" in its configuration
    Docker(docker::Docker),
    /// For kubectl: a user with `exec` in the kubeconfig
    Kubernetes(kubernetes::Kubernetes),
}

impl Helper {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self.asks {
            Asks::Git(git) => git.run(context),
            Asks::Docker(docker) => docker.run(context),
            Asks::Kubernetes(kubernetes) => kubernetes.run(context),
        }
    }
}

/// A valid token of the session, with the name that goes with it.
fn credential(context: &Context, username: &str, who: &str) -> Result<Credential, Failure> {
    token::valid(context, &SecretOptions::default(), |tokens| {
        unbound(&context.name, tokens, who)?;
        Ok(Credential {
            username: username.to_owned(),
            token: Secret::new(tokens.access_token.expose_secret()),
            expires_at: tokens.expires_at,
        })
    })
}

/// A token that is bound to a key is worth nothing to who has not got the key.
fn unbound(name: &Name, tokens: &TokenSet, who: &str) -> Result<(), Failure> {
    match tokens.token_type {
        TokenType::Bearer => Ok(()),
        _ => Err(Failure::usage(format!(
            "the tokens of `{name}` are bound to a key, and {who} has not got it"
        ))
        .next(format!(
            "log in without --dpop: hallpass login{}",
            name.option()
        ))),
    }
}

/// What came on standard input, up to `most` bytes and one more.
fn input(most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(most as u64 + 1)
        .read_to_end(&mut bytes);
    read.map_err(|error| Failure::usage("standard input cannot be read").because(&error))?;
    Ok(bytes)
}
