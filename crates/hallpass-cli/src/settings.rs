//! What a login is begun with: options of the command line, keys of a profile, and what is remembered with the session.

mod client;
mod request;
mod server;

use clap::Args;
use hallpass::Profile;
use serde::{Deserialize, Serialize};

pub(crate) use client::{ClientAuth, ClientOptions};
pub(crate) use request::RequestOptions;
pub(crate) use server::{ServerOptions, issuer};

use crate::error::Failure;
use crate::secret::SecretOptions;

/// What a login is begun with. The same names are options of the command line and keys of a profile.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Settings {
    /// The authorization server, as it calls itself (https://as.example), or one that is known: github, google, microsoft/TENANT, slack
    #[arg(value_name = "ISSUER", help_heading = "Arguments")]
    pub(crate) issuer: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) client: ClientOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) secret: SecretOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) request: RequestOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) server: ServerOptions,
    /// How the server differs from the RFCs: in the configuration alone.
    #[arg(skip)]
    pub(crate) quirks: Option<Profile>,
}

impl Settings {
    /// These, and from `others` what is not said here.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            issuer: self.issuer.or(others.issuer),
            client: self.client.or(others.client),
            secret: self.secret.or(others.secret),
            request: self.request.or(others.request),
            server: self.server.or(others.server),
            quirks: self.quirks.or(others.quirks),
        }
    }

    /// Whether somebody has said where to log in.
    pub(crate) fn names_a_server(&self) -> bool {
        self.issuer.is_some() || self.server.has_endpoints()
    }

    /// Whether both can be about one server: what names none is about any.
    pub(crate) fn may_be_of(&self, others: &Self) -> bool {
        if !self.names_a_server() || !others.names_a_server() {
            return true;
        }
        let is_same = |own: &Option<String>, theirs| own.is_none() || own == theirs;
        is_same(&self.issuer, &others.issuer) && self.server.may_be_of(&others.server)
    }

    /// The same, to be read in any folder.
    pub(crate) fn absolute(mut self) -> Result<Self, Failure> {
        let paths = [
            &mut self.client.key,
            &mut self.secret.client_secret_file,
            &mut self.server.ca,
        ];
        for path in paths.into_iter().flatten() {
            *path = std::path::absolute(&*path).map_err(|error| {
                Failure::usage("the folder this runs in is gone").because(&error)
            })?;
        }
        Ok(self)
    }
}
