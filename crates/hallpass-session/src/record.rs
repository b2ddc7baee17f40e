//! What a session stores.

mod form;
mod refresh;

use std::fmt;

use time::UtcDateTime;

use hallpass_grant::token::{SecretBytes, TokenSet};
use hallpass_grant::{Client, Endpoint, Issuer};

pub use refresh::{End, Refresh};

/// A token set, with who gave it to whom, and how its refresh stands.
///
/// The stored form is JSON with a version; what an older release wrote is read by every newer one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Whose the tokens are.
    pub owner: Owner,
    /// Which login began the session.
    pub login: Login,
    /// When the tokens came (UTC, whole seconds); `None` if an older release did not write it.
    pub obtained_at: Option<UtcDateTime>,
    /// How many more refreshes have to succeed until it is certain that nobody has spent a refresh token twice: 0, 1 or 2.
    pub doubt: u8,
    /// How the refresh of the tokens stands.
    pub refresh: Refresh,
    /// The tokens.
    pub tokens: TokenSet,
}

/// The client the tokens of a session were given to, and the authorization server that gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// The client's id; for tokens that are had without one, a name for what they are for.
    pub client_id: String,
    /// The authorization server, if it has said who it is.
    pub issuer: Option<Issuer>,
    /// The token endpoint of that server, the only one its refresh token may go to. `None` if it has none, or if the record
    /// is of version 1, which did not hold it.
    pub token_endpoint: Option<Endpoint>,
}

/// Names one login: what a later login, or none, is told from. Sixteen random bytes, no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Login([u8; 16]);

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

/// The most doubt there is of a session: two more refreshes have to succeed.
pub(crate) const MOST_DOUBT: u8 = 2;

impl Record {
    /// What a login gave to `owner` at this time.
    pub fn new(owner: Owner, login: Login, tokens: TokenSet, obtained_at: UtcDateTime) -> Self {
        Self {
            owner,
            login,
            obtained_at: Some(obtained_at.truncate_to_second()),
            doubt: 0,
            refresh: Refresh::Idle,
            tokens,
        }
    }

    /// The stored form, of the newest version.
    pub fn encode(&self) -> SecretBytes {
        form::encode(self)
    }

    /// Reads the stored form: of this version, an older one, or a newer one that says that this one's readers can.
    ///
    /// # Errors
    /// [`RecordError::Corrupt`] and [`RecordError::Newer`]. Neither has an error of the parser in it: what is said there of
    /// a value in the wrong place quotes the value, and that may be a token.
    pub fn decode(bytes: &SecretBytes) -> Result<Self, RecordError> {
        form::decode(bytes.expose_secret())
    }

    /// Checks that the record is `owner`'s: the client id, the server's issuer and the server's token endpoint are those that are stored.
    ///
    /// A record of version 1 has no token endpoint. With an issuer it is taken for that server's, as it always was; without
    /// one nothing in it says where its refresh token may go. An application that knows writes it into
    /// [`token_endpoint`](Owner::token_endpoint) and stores the record.
    ///
    /// # Errors
    /// [`RecordError::OtherClient`], [`RecordError::UnknownServer`].
    pub fn check(&self, owner: &Owner) -> Result<(), RecordError> {
        if self.owner.client_id != owner.client_id || self.owner.issuer != owner.issuer {
            return Err(RecordError::OtherClient);
        }
        match (&self.owner.token_endpoint, &owner.token_endpoint) {
            (Some(stored), Some(theirs)) if stored == theirs => Ok(()),
            (Some(_), _) => Err(RecordError::OtherClient),
            (None, Some(_)) if self.owner.issuer.is_none() => Err(RecordError::UnknownServer),
            (None, _) => Ok(()),
        }
    }
}

impl Owner {
    /// The owner of what is had without a client: `name` says what it is for.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            client_id: name.into(),
            issuer: None,
            token_endpoint: None,
        }
    }
}

impl From<&Client> for Owner {
    fn from(client: &Client) -> Self {
        Self {
            client_id: client.id().to_owned(),
            issuer: client.server().issuer.clone(),
            token_endpoint: client.server().token_endpoint.clone(),
        }
    }
}

impl Login {
    /// Of a record that an older release wrote.
    pub const UNKNOWN: Self = Self([0; 16]);

    /// Takes 16 bytes from a cryptographic random source.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({:032x})", u128::from_be_bytes(self.0))
    }
}
