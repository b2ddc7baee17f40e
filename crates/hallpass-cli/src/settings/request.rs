//! What is asked for.

use clap::Args;
use hallpass::Scopes;
use serde::{Deserialize, Serialize};

use crate::error::Failure;

/// What is asked for.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "What the token is for")]
pub(crate) struct RequestOptions {
    /// A scope to ask for; several in one text, or the option several times
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,
    /// An audience, by the name the server has for it
    #[arg(long, value_name = "NAME")]
    pub(crate) audience: Vec<String>,
    /// A resource, by its address (RFC 8707)
    #[arg(long, value_name = "URL")]
    pub(crate) resource: Vec<String>,
    /// Bind the tokens to a new key that stays here (DPoP): who steals one cannot use it
    #[arg(long)]
    pub(crate) dpop: bool,
    /// The port the browser comes back to, if the server insists on one
    #[arg(long, value_name = "PORT", help_heading = "Connection")]
    pub(crate) redirect_port: Option<u16>,
    /// The path it comes back to there [default: /callback]
    #[arg(long, value_name = "PATH", help_heading = "Connection")]
    pub(crate) redirect_path: Option<String>,
}

impl RequestOptions {
    pub(crate) fn or(self, others: Self) -> Self {
        let or = |own: Vec<String>, others| match own.is_empty() {
            true => others,
            false => own,
        };
        Self {
            scope: or(self.scope, others.scope),
            audience: or(self.audience, others.audience),
            resource: or(self.resource, others.resource),
            dpop: self.dpop || others.dpop,
            redirect_port: self.redirect_port.or(others.redirect_port),
            redirect_path: self.redirect_path.or(others.redirect_path),
        }
    }

    pub(crate) fn scopes(&self) -> Result<Scopes, Failure> {
        Scopes::parse(&self.scope.join(" "))
            .map_err(|why| Failure::usage(format!("--scope: {why}")))
    }
}
