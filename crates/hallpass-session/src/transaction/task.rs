//! What a transaction is for.

use hallpass_grant::Client;
use hallpass_grant::token::{AccessToken, TokenSet};

use crate::Owner;

/// What a transaction is for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Task {
    /// Get tokens that can be used.
    Tokens(Need),
    /// Begin the session with the tokens of a login, whatever was there.
    Login(Box<TokenSet>),
    /// End the session.
    Logout {
        /// Whether the authorization server is told: it revokes the refresh token (RFC 7009), if it has an endpoint for that.
        revoke: bool,
    },
}

/// Which tokens will do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Need {
    /// Those that are stored, if they are fresh.
    Fresh,
    /// Any that can be used, but not this one: an API refused it.
    OtherThan(AccessToken),
    /// New ones, whatever is stored.
    New,
    /// Those that are stored, if they can be used at all: nothing is sent.
    Stored,
}

/// Where new tokens come from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Renewal {
    /// From this client's token endpoint, for the refresh token, which is spent by it.
    Refresh(Client),
    /// From a provider of the application's: whatever can be had again without a person, and spends nothing.
    Provider(Owner),
}

impl Renewal {
    pub(crate) fn owner(&self) -> Owner {
        match self {
            Self::Refresh(client) => Owner::from(client),
            Self::Provider(owner) => owner.clone(),
        }
    }
}
