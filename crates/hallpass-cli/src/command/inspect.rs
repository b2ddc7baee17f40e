//! `hallpass inspect`: what a server supports, and what is wrong or weak in what it publishes.

mod page;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use hallpass::driver::Driver;
use hallpass::grant::{Conversation, Input, Misuse, Request, Response, Step};
use hallpass::{Endpoint, ErrorKind, Issuer, ProviderError};
use time::UtcDateTime;

use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::inspect::{Document, Documents, Severity, inspect, metadata};
use crate::known::Known;
use crate::settings::issuer;
use crate::stored::Stored;
use crate::{runtime, transport};

/// Tell what a server supports, and what is wrong or weak in its metadata and keys.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The authorization server; without one, that of the profile or of the session
    #[arg(value_name = "ISSUER")]
    issuer: Option<String>,
    /// End with 8 if something is found that is as bad as this, or worse
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Trust the certificates in this file (PEM) too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// How bad a finding has to be.
#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    /// anything at all
    Note,
    /// what current practice (RFC 9700) advises against
    Weak,
    /// what breaks a rule
    Wrong,
    /// what puts secrets or logins at risk
    Severe,
}

impl Inspect {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let profile = context.profile()?;
        let issuer = match self.issuer.or(profile.issuer) {
            Some(text) => named(&text)?,
            None => of_session(context)?,
        };
        let ca = self.ca.or(profile.server.ca);
        let driver = transport::driver(ca.as_deref())?;
        let documents = runtime::wait(async { read(&driver, issuer).await })?;
        let report = inspect(&documents);
        match context.output.is_json() {
            true => context.output.answer(&[], &report)?,
            false => page::print(&report)?,
        }
        let limit = self.fail_on.map(Severity::from);
        let is_bad = limit.is_some_and(|limit| report.worst() >= Some(limit));
        Ok(match is_bad {
            true => Exit::Violation,
            false => Exit::Done,
        }
        .into())
    }
}

/// The issuer that a person typed, or that of a server that is known by a word.
fn named(text: &str) -> Result<Issuer, Failure> {
    let Some(known) = Known::find(text) else {
        return issuer(text);
    };
    known?.server.issuer.ok_or_else(|| {
        Failure::usage(format!("`{text}` is many issuers")).next("name one: microsoft/TENANT-ID")
    })
}

fn of_session(context: &Context) -> Result<Issuer, Failure> {
    let stored = Stored::load(&context.store()?, &context.name);
    let stored = stored.map_err(|error| error.of(&context.name))?;
    let issuer = stored.and_then(|stored| stored.account.server.issuer);
    issuer.ok_or_else(|| {
        Failure::usage("nobody has said which server to look at")
            .next("name the authorization server: hallpass inspect ISSUER")
    })
}

impl From<FailOn> for Severity {
    fn from(limit: FailOn) -> Self {
        match limit {
            FailOn::Note => Self::Note,
            FailOn::Weak => Self::Weak,
            FailOn::Wrong => Self::Wrong,
            FailOn::Severe => Self::Severe,
        }
    }
}

/// Asks the server for all it publishes. A document that is not there is a finding; a server that is not is a failure.
async fn read(driver: &Driver, issuer: Issuer) -> Result<Documents, Failure> {
    let (oauth, openid) = (issuer.oauth_metadata()?, issuer.openid_metadata()?);
    let (oauth, openid) = tokio::join!(fetch(driver, oauth), fetch(driver, openid));
    if let (Err(error), Err(_)) = (&oauth, &openid) {
        return Err(error.clone().into());
    }
    let mut documents = Documents {
        oauth: document(oauth),
        openid: document(openid),
        keys: Document::Absent("no `jwks_uri` says where they are".to_owned()),
        issuer,
    };
    let metadata = metadata(&documents);
    if let Some(address) = metadata.get("jwks_uri").and_then(|value| value.as_str()) {
        let teller = Endpoint::new(documents.issuer.as_str());
        let address = teller.and_then(|teller| Endpoint::told_by(&teller, address));
        documents.keys = match address {
            Ok(address) => document(fetch(driver, address).await),
            Err(why) => Document::Absent(format!("`jwks_uri` is not used: {why}")),
        };
    }
    Ok(documents)
}

async fn fetch(driver: &Driver, address: Endpoint) -> Result<Response, ProviderError> {
    driver.drive(&mut Fetch::Ready(address)).await
}

fn document(answer: Result<Response, ProviderError>) -> Document {
    match answer {
        Ok(answer) => match answer.status() {
            200 => Document::Read(answer.body().to_owned()),
            status => Document::Absent(format!("the server answered {status}")),
        },
        Err(error) => Document::Absent(Failure::from(error).to_string()),
    }
}

/// Asks for one document, once.
enum Fetch {
    Ready(Endpoint),
    Sent,
}

impl Conversation for Fetch {
    type Output = Response;

    fn step(&mut self, input: Input, _: UtcDateTime) -> Result<Step<Response>, ProviderError> {
        match (&*self, input) {
            (Self::Ready(address), Input::Begin) => {
                let request = Request::get(address.clone());
                *self = Self::Sent;
                Ok(Step::Send(request))
            }
            (Self::Sent, Input::Response(response)) => Ok(Step::Done(response)),
            (Self::Sent, Input::Lost(_)) => Err(ErrorKind::Transport.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}
