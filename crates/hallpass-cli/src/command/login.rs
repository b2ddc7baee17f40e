//! `hallpass login`: consent, in one of four ways.

mod browser;
mod device;
mod server;

use std::process::ExitCode;

use clap::Args;
use hallpass::ClientCredentials;

use crate::account::Grant;
use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::proof::Proof;
use crate::runtime;
use crate::settings::Settings;
use crate::stored::Stored;
use crate::summary::Summary;

/// Log in, in a browser or on another device.
#[derive(Args)]
pub(crate) struct Login {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    way: Way,
}

/// How to log in; a browser on this machine unless something else is said.
#[derive(Args)]
#[command(next_help_heading = "How")]
struct Way {
    /// On another device: type in a code there
    #[arg(long, group = "way")]
    device: bool,
    /// As the program itself: nobody is asked
    #[arg(long, group = "way")]
    client_credentials: bool,
    /// In a browser by the implicit grant, for servers that have nothing better
    #[arg(long, group = "way")]
    implicit: bool,
    /// Print the address, and open no browser
    #[arg(long, conflicts_with_all = ["device", "client_credentials"])]
    no_browser: bool,
}

impl Login {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let settings = self.settings.or(context.profile()?).absolute()?;
        // What is wrong is told before anything is sent.
        let source = settings.secret.source()?;
        let proof = Proof::read(&settings.client, source)?;
        settings.request.scopes()?;
        let store = context.store()?;
        let account = runtime::wait(server::account(settings, self.way.grant()))?;
        let tokens = match account.grant {
            Grant::ClientCredentials => {
                let client = account.client::<ClientCredentials>(&proof)?;
                runtime::wait(async { Ok(client.fetch_token().await?) })?
            }
            Grant::Device => device::log_in(context.output, &account.client(&proof)?)?,
            Grant::AuthorizationCode => browser::by_code(context.output, &account.client(&proof)?)?,
            Grant::Implicit => browser::implicitly(context.output, &account)?,
        };
        let session = account.session(store.clone(), &context.name, &proof)?;
        runtime::wait_for_session(context.output, &session, async {
            session
                .save(&tokens)
                .await
                .map_err(|error| context.session(error))
        })?;
        let summary = Summary::new(&context.name, &Stored::found(&store, &context.name)?);
        context.output.answer(&summary.lines(), &summary)?;
        Ok(Exit::Done.into())
    }
}

impl Way {
    fn grant(&self) -> Grant {
        match self {
            Self { device: true, .. } => Grant::Device,
            Self {
                client_credentials: true,
                ..
            } => Grant::ClientCredentials,
            Self { implicit: true, .. } => Grant::Implicit,
            _ => Grant::AuthorizationCode,
        }
    }
}
