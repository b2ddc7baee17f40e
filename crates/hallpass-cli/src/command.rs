//! What the program can do: one file for each command.

mod completions;
mod credential;
mod inspect;
mod introspect;
mod list;
mod login;
mod logout;
mod man;
mod refresh;
mod run;
mod status;
mod token;

use std::process::ExitCode;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Failure;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Log in, in a browser or on another device
    Login(Box<login::Login>),
    /// Print a valid access token, and nothing else
    Token(token::Token),
    /// Tell who is logged in, and how long the token is good
    Status(status::Status),
    /// Get a new token now
    Refresh(refresh::Refresh),
    /// Have the server take the tokens back, and forget them
    Logout(logout::Logout),
    /// List the sessions there are
    List(list::List),
    /// Run a command with a valid access token in its environment
    Run(run::Run),
    /// Tell what a server supports, and what is wrong or weak in its metadata and keys
    Inspect(inspect::Inspect),
    /// Ask the server about a token: the session's, or one on standard input
    Introspect(introspect::Introspect),
    /// Give a session's token to git, Docker or kubectl, where the configuration says that it may have it
    Credential(credential::Helper),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Write the manual pages
    Man(man::Man),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Login(login) => login.run(context),
            Self::Token(token) => token.run(context),
            Self::Status(status) => status.run(context),
            Self::Refresh(refresh) => refresh.run(context),
            Self::Logout(logout) => logout.run(context),
            Self::List(list) => list.run(context),
            Self::Run(run) => run.run(context),
            Self::Inspect(inspect) => inspect.run(context),
            Self::Introspect(introspect) => introspect.run(context),
            Self::Credential(helper) => helper.run(context),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
        }
    }
}
