//! `hallpass login`: consent, in one of four ways.

mod browser;
mod device;
mod lines;
mod place;
mod server;

pub(super) use server::account;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use hallpass::{ClientCredentials, DeviceAuthorization};
use serde_json::json;

use crate::account::{Account, Grant};
use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::proof::Proof;
use crate::qr::Qr;
use crate::runtime;
use crate::settings::Settings;
use crate::stored::{Stored, Unreadable};
use crate::summary::Summary;
use browser::Browser;
use place::Place;

/// Log in, in a browser or on another device.
#[derive(Args)]
pub(crate) struct Login {
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    settings: Settings,
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
    /// Print the address, open no browser, and wait
    #[arg(long, conflicts_with_all = ["device", "client_credentials"])]
    no_browser: bool,
    /// How long to wait for whoever logs in [default: 600, and on another device as long as the code is good]
    #[arg(long, value_name = "SECONDS", conflicts_with = "client_credentials", value_parser = clap::value_parser!(u32).range(1..))]
    timeout: Option<u32>,
    /// On another device, draw the address as a QR code
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_value = "auto", default_missing_value = "always")]
    qr: Qr,
}

/// How the person is waited for.
struct How {
    browser: Browser,
    /// What a login on another device was begun with, if it was.
    code: Option<DeviceAuthorization>,
    /// How long, if somebody has said.
    patience: Option<Duration>,
    qr: Qr,
}

impl Login {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let store = context.store()?;
        let before = self.before(Stored::load(&store, &context.name), context)?;
        let (settings, way) = (with_profile(context, self.settings)?, self.way);
        let (settings, grant) = match &before {
            // Whoever was logged in before need not say everything again.
            Some(before)
                if !settings.names_a_server() || settings.issuer == before.settings.issuer =>
            {
                let grant = way.grant().unwrap_or(before.grant);
                (settings.or(before.settings.clone()), grant)
            }
            _ => (settings, way.grant().unwrap_or(Grant::AuthorizationCode)),
        };
        let settings = settings.absolute()?;
        // What is wrong is told before anything is sent.
        let proof = Proof::read(&settings.client, settings.secret.source())?;
        settings.request.scopes()?;
        let mut account = runtime::wait(server::account(settings, grant))?;
        if let Some(before) = before.filter(|before| !before.is_same_client(&account)) {
            return Err(taken(context, &before));
        }
        // What the client lacks is told before anybody is asked anything.
        Stored::begin(&account, store.clone(), &context.name, &proof)?;
        let place = Place::here();
        let is_open = way.is_open() && account.grant == Grant::AuthorizationCode;
        let code = match is_open && place.proposes_device(context.output, &account.server)? {
            true => device::begin_if_allowed(context.output, &account, &proof)?,
            false => None,
        };
        if code.is_some() {
            account.grant = Grant::Device;
        }
        let browser = match (way.no_browser, place.has_browser()) {
            (true, _) => Browser::Elsewhere,
            (false, true) => Browser::Here,
            (false, false) => Browser::Nowhere,
        };
        let how = How {
            browser,
            code,
            patience: way
                .timeout
                .map(|seconds| Duration::from_secs(seconds.into())),
            qr: way.qr,
        };
        log_in(context, &account, &proof, &how)?;
        let stored = Stored::found(&store, &context.name)?;
        tell(context, &stored)
    }

    /// What was there before, if it can be read. What is damaged is written over.
    fn before(
        &self,
        stored: Result<Option<Stored>, Unreadable>,
        context: &Context,
    ) -> Result<Option<Account>, Failure> {
        match stored {
            Ok(stored) => Ok(stored.map(|stored| stored.account)),
            Err(error) if error.is_damaged() => Ok(None),
            Err(error) => Err(error.of(&context.name)),
        }
    }
}

/// What the command line says, and what the profile says besides. What a profile says is for its own server: a secret is sent to no other.
fn with_profile(context: &Context, given: Settings) -> Result<Settings, Failure> {
    let profile = context.profile()?;
    match given.may_be_of(&profile) {
        true => Ok(given.or(profile)),
        false => Err(Failure::usage(format!(
            "the profile `{}` is for another server than the one on the command line",
            context.name
        ))
        .next("choose another with --profile NAME, or change the configuration")),
    }
}

fn log_in(context: &Context, account: &Account, proof: &Proof, how: &How) -> Result<(), Failure> {
    let session = Stored::begin(account, context.store()?, &context.name, proof)?;
    let save = async |tokens| {
        session
            .save(&tokens)
            .await
            .map_err(|error| context.session(error))
    };
    let output = context.output;
    runtime::wait_for_session(output, &session, async {
        match account.grant {
            Grant::ClientCredentials => {
                let client = account.client::<ClientCredentials>(proof)?;
                save(client.fetch_token().await?).await
            }
            Grant::Device => {
                let client = account.client(proof)?;
                let code = match &how.code {
                    Some(code) => code,
                    None => &device::begin(account, proof).await?,
                };
                save(device::log_in(output, how, &client, code).await?).await
            }
            Grant::AuthorizationCode => {
                how.by_code(output, account, account.client(proof)?, save)
                    .await
            }
            Grant::Implicit => how.implicitly(output, account, save).await,
        }
    })
}

fn tell(context: &Context, stored: &Stored) -> Result<ExitCode, Failure> {
    let summary = Summary::new(&context.name, stored);
    let difference = stored
        .record
        .tokens
        .compared_with(&stored.account.settings.request.scopes()?);
    if !difference.missing.is_empty() {
        context
            .output
            .say(format!("The server did not grant: {}", difference.missing));
    }
    context
        .output
        .answer(&[summary.logged_in()], &json!(summary))?;
    Ok(Exit::Done.into())
}

fn taken(context: &Context, before: &Account) -> Failure {
    let (name, server) = (&context.name, before.server_name());
    let client = before.settings.client.client_id.as_deref().unwrap_or("-");
    Failure::usage(format!("`{name}` is logged in to {server} as the client {client}")).next(format!(
        "give this login a name of its own with --profile NAME, or log out first: hallpass logout{}",
        name.option()
    ))
}

impl Way {
    /// How, if somebody has said how.
    fn grant(&self) -> Option<Grant> {
        match self {
            Self { device: true, .. } => Some(Grant::Device),
            Self {
                client_credentials: true,
                ..
            } => Some(Grant::ClientCredentials),
            Self { implicit: true, .. } => Some(Grant::Implicit),
            Self {
                no_browser: true, ..
            } => Some(Grant::AuthorizationCode),
            _ => None,
        }
    }

    /// Whether nobody has said how.
    fn is_open(&self) -> bool {
        self.grant().is_none()
    }
}
