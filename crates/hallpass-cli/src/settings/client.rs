//! Who the client is.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// Who the client is, and how it proves that.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(next_help_heading = "The client")]
pub(crate) struct ClientOptions {
    /// The id the server knows this program by
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// How the client proves who it is, if the server's metadata does not say it right
    #[arg(long, value_name = "METHOD")]
    pub(crate) client_auth: Option<ClientAuth>,
    /// The private key for private_key_jwt: PEM (PKCS#8) or JWK
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// What the server calls that key, if the file does not say (`kid`)
    #[arg(long, value_name = "KID")]
    pub(crate) key_id: Option<String>,
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// not at all: a public client
    None,
    /// its secret in a header
    ClientSecretBasic,
    /// its secret in the form
    ClientSecretPost,
    /// an assertion signed with its secret
    ClientSecretJwt,
    /// an assertion signed with --key
    PrivateKeyJwt,
}

impl ClientOptions {
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            client_id: self.client_id.or(others.client_id),
            client_auth: self.client_auth.or(others.client_auth),
            key: self.key.or(others.key),
            key_id: self.key_id.or(others.key_id),
        }
    }
}
