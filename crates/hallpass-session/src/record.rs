//! What a session stores, and the form it is stored in.

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::token::{SecretBytes, TokenSet};
use hallpass_grant::{Client, Endpoint, Issuer};

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
    /// The token endpoint of that server, the only one its refresh token may go to. `None` if it has none, or if the record
    /// is of version 1, which did not hold it.
    pub token_endpoint: Option<Endpoint>,
    /// When a refresh gave the tokens (UTC, whole seconds); `None` if a login did.
    pub refreshed_at: Option<UtcDateTime>,
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
        "the session stored under this key belongs to another client or another server: give each client keys of its own, \
         and ask for consent again if the server has moved its token endpoint"
    )]
    OtherClient,
    /// It does not say which server gave it: neither issuer nor token endpoint, as version 1 had it for a server without an issuer.
    #[error(
        "the stored session does not say which server gave it, as older releases wrote it: ask for consent again, or \
         write the token endpoint into the record"
    )]
    UnknownServer,
}

impl Record {
    /// What this client was given.
    pub fn new(client: &Client, tokens: TokenSet) -> Self {
        Self {
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            token_endpoint: client.server().token_endpoint.clone(),
            refreshed_at: None,
            tokens,
        }
    }

    /// The stored form, of the newest version.
    pub fn encode(&self) -> SecretBytes {
        let form = Stored {
            version: VERSION,
            client_id: &self.client_id,
            issuer: self.issuer.as_ref().map(Issuer::as_str),
            token_endpoint: self.token_endpoint.as_ref().map(Endpoint::as_str),
            refreshed_at: self.refreshed_at.map(UtcDateTime::unix_timestamp),
            tokens: &self.tokens,
        };
        // Nothing in these structures can fail to be written; what is empty would be read as corrupt.
        SecretBytes::new(serde_json::to_vec(&form).unwrap_or_default())
    }

    /// Reads the stored form, of this version or an older one.
    ///
    /// # Errors
    /// [`RecordError::Corrupt`] and [`RecordError::Newer`]. Neither has an error of the parser in it: what is said there of
    /// a value in the wrong place quotes the value, and that may be a token.
    pub fn decode(bytes: &SecretBytes) -> Result<Self, RecordError> {
        let bytes = bytes.expose_secret();
        let Versioned { version } = read(bytes)?;
        match version {
            1 => {
                let form: One = read(bytes)?;
                Ok(Self {
                    client_id: form.client_id,
                    issuer: form.issuer,
                    token_endpoint: None,
                    refreshed_at: None,
                    tokens: form.tokens,
                })
            }
            VERSION => {
                let form: Loaded = read(bytes)?;
                let refreshed_at = form.refreshed_at.map(UtcDateTime::from_unix_timestamp);
                Ok(Self {
                    client_id: form.client_id,
                    issuer: form.issuer,
                    token_endpoint: form.token_endpoint,
                    refreshed_at: refreshed_at.transpose().map_err(|_| RecordError::Corrupt)?,
                    tokens: form.tokens,
                })
            }
            0 => Err(RecordError::Corrupt),
            newer => Err(RecordError::Newer(newer)),
        }
    }

    /// The tokens, if this client may use them: its id, its server's issuer and its server's token endpoint are those that
    /// are stored.
    ///
    /// A record of version 1 has no token endpoint. With an issuer it is taken for that server's, as it always was; without
    /// one nothing in it says where its refresh token may go. An application that knows writes it into
    /// [`token_endpoint`](Self::token_endpoint) and stores the record.
    ///
    /// # Errors
    /// [`RecordError::OtherClient`], [`RecordError::UnknownServer`].
    pub fn tokens_of(self, client: &Client) -> Result<TokenSet, RecordError> {
        let server = client.server();
        if self.client_id != client.id() || self.issuer != server.issuer {
            return Err(RecordError::OtherClient);
        }
        match (&self.token_endpoint, &server.token_endpoint) {
            (Some(stored), Some(theirs)) if stored == theirs => Ok(self.tokens),
            (Some(_), _) => Err(RecordError::OtherClient),
            (None, Some(_)) if self.issuer.is_none() => Err(RecordError::UnknownServer),
            (None, _) => Ok(self.tokens),
        }
    }
}

const VERSION: u32 = 2;

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, RecordError> {
    serde_json::from_slice(bytes).map_err(|_| RecordError::Corrupt)
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Serialize)]
struct Stored<'a> {
    version: u32,
    client_id: &'a str,
    issuer: Option<&'a str>,
    token_endpoint: Option<&'a str>,
    /// Unix seconds.
    refreshed_at: Option<i64>,
    tokens: &'a TokenSet,
}

#[derive(Deserialize)]
struct One {
    client_id: String,
    issuer: Option<Issuer>,
    tokens: TokenSet,
}

#[derive(Deserialize)]
struct Loaded {
    client_id: String,
    issuer: Option<Issuer>,
    token_endpoint: Option<Endpoint>,
    refreshed_at: Option<i64>,
    tokens: TokenSet,
}
