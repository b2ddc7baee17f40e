//! Why a session has no token to give.

use hallpass_grant::token::TokenSet;
use hallpass_store::StoreError;

use crate::RecordError;

/// Why a session has no token to give, or could not keep one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Nothing is stored: nobody has logged in, or the session was ended elsewhere.
    #[error("there is no session under this key: ask for consent")]
    Missing,
    /// The authorization server, or what lies on the way to it.
    #[error(transparent)]
    Provider(#[from] hallpass_grant::Error),
    /// The store cannot tell what it has.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored is not a session of this client.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The tokens are good and could not be saved: they are here, and nowhere else.
    #[error("the tokens were received and could not be saved: keep them, and save them again")]
    NotSaved {
        /// The tokens.
        tokens: Box<TokenSet>,
        /// Why they could not be saved.
        #[source]
        source: StoreError,
    },
}
