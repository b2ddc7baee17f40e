//! What a session stores, and the form it is stored in.

use serde::{Deserialize, Serialize};

use hallpass_grant::token::{SecretBytes, TokenSet};
use hallpass_grant::{Client, Issuer};

/// A token set, with who gave it and to whom.
///
/// The stored form is JSON with a version; what an older release wrote is read by every newer one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The client the tokens were given to.
    pub client_id: String,
    /// The authorization server that gave them, if it has said who it is.
    pub issuer: Option<Issuer>,
    /// The tokens.
    pub tokens: TokenSet,
}

/// Why stored bytes are not a record of this client. It never quotes them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes are not a record at all: the store, or whoever else writes to it, has damaged them.
    #[error(
        "what is stored is not a session: look at what else writes to this store; it was left as it is"
    )]
    Corrupt,
    /// A newer release wrote it.
    #[error("a newer release of this library wrote the session (form {0}): update this program")]
    Newer(u32),
    /// It belongs to another client or another authorization server.
    #[error(
        "the session stored under this key belongs to another client: give each client keys of its own"
    )]
    OtherClient,
}

impl Record {
    /// What this client was given.
    pub fn new(client: &Client, tokens: TokenSet) -> Self {
        Self {
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            tokens,
        }
    }

    /// The stored form.
    pub fn encode(&self) -> SecretBytes {
        let form = Stored {
            version: VERSION,
            client_id: &self.client_id,
            issuer: self.issuer.as_ref().map(Issuer::as_str),
            tokens: &self.tokens,
        };
        // Nothing in these structures can fail to be written; what is empty would be read as corrupt.
        SecretBytes::new(serde_json::to_vec(&form).unwrap_or_default())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`RecordError::Corrupt`] and [`RecordError::Newer`].
    pub fn decode(bytes: &SecretBytes) -> Result<Self, RecordError> {
        let bytes = bytes.expose_secret();
        let Versioned { version } =
            serde_json::from_slice(bytes).map_err(|_| RecordError::Corrupt)?;
        match version {
            VERSION => {
                let form: Loaded =
                    serde_json::from_slice(bytes).map_err(|_| RecordError::Corrupt)?;
                Ok(Self {
                    client_id: form.client_id,
                    issuer: form.issuer,
                    tokens: form.tokens,
                })
            }
            0 => Err(RecordError::Corrupt),
            newer => Err(RecordError::Newer(newer)),
        }
    }

    /// The tokens, if this client may use them.
    ///
    /// # Errors
    /// [`RecordError::OtherClient`].
    pub fn tokens_of(self, client: &Client) -> Result<TokenSet, RecordError> {
        match self.client_id == client.id() && self.issuer == client.server().issuer {
            true => Ok(self.tokens),
            false => Err(RecordError::OtherClient),
        }
    }
}

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Serialize)]
struct Stored<'a> {
    version: u32,
    client_id: &'a str,
    issuer: Option<&'a str>,
    tokens: &'a TokenSet,
}

#[derive(Deserialize)]
struct Loaded {
    client_id: String,
    issuer: Option<Issuer>,
    tokens: TokenSet,
}
