//! Where the token of an OAuth scheme comes from.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, Method, StatusCode};
use time::UtcDateTime;

use hallpass_grant::{DpopKey, Error, ErrorKind, Misuse, Recovery};
use hallpass_http::Driver;
use hallpass_session::{Session, SessionError, Tokens};
use hallpass_token::{Expiry, Secret, TokenSet};

use crate::presentation::{is_challenged, prove};
use crate::{Client, TokenLack};

/// Where the token of an OAuth scheme comes from, whatever the grant it was got with.
///
/// A [`Session`] gets anew what has expired, and what an API refuses, once however many ask. A [`Client`] has the token of its credentials
/// and their clock skew, and a [`TokenSet`] is what it is: neither asks anybody.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// Tokens to be used now, got anew where that is needed and possible.
    ///
    /// # Errors
    /// [`TokenFailure`].
    async fn obtain(&self) -> Result<Tokens, TokenFailure>;

    /// An API answered 401 to these tokens: others, if they can be had. `None`: there are none, and the API's answer stands.
    ///
    /// It is told which tokens were refused, and not that some were: of five requests that went out with the same stale token, four find
    /// that there is another already. Whoever writes a source gets new ones only while those that were refused are the ones it has.
    ///
    /// # Errors
    /// [`TokenFailure`]: there should be others, and they could not be had.
    async fn refused(&self, tokens: &TokenSet) -> Result<Option<Tokens>, TokenFailure> {
        let _ = tokens;
        Ok(None)
    }

    /// Whether [`obtain`](Self::obtain) would fail for sure, as far as can be told without asking an authorization
    /// server. It is for messages that name everything that is missing.
    async fn lack(&self) -> Option<TokenLack> {
        None
    }

    /// The proof that goes with tokens of type `DPoP` on one request of this method to this address (RFC 9449 §7).
    /// `None`: there is no key to make one with, and the tokens are not written.
    ///
    /// # Errors
    /// [`TokenFailure`]; no alternative is used then.
    async fn proof(
        &self,
        method: &Method,
        target: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Secret>, TokenFailure> {
        let _ = (method, target, tokens);
        Ok(None)
    }

    /// Looks at what an API answered to a request with a proof: keeps the nonce it sent, and tells whether the request was
    /// refused for the want of one (RFC 9449 §9).
    fn demands_nonce(&self, target: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        let _ = (target, status, headers);
        false
    }
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFailure {
    /// There is none, and none can be had without asking for consent.
    #[error("OAuthToken is undefined or expired.")]
    Lack(TokenLack),
    /// The authorization server, or what lies on the way to it.
    #[error(transparent)]
    Provider(Error),
    /// Store and session.
    #[error(transparent)]
    Session(SessionError),
}

impl TokenFailure {
    /// Whether an alternative may be used in place of this scheme: there is no token, something it is got with was
    /// not set, the authorization server said no, or it could not be reached.
    ///
    /// What else can happen somebody has to see: a server that breaks the protocol, a store that cannot tell.
    pub fn is_passed_over(&self) -> bool {
        match self {
            Self::Lack(_) => true,
            Self::Provider(error) => match error.kind() {
                ErrorKind::Refused(_) | ErrorKind::Transport | ErrorKind::InDoubt => true,
                ErrorKind::Misuse(misuse) => matches!(misuse, Misuse::Missing(_)),
                _ => false,
            },
            Self::Session(error) => matches!(
                error,
                SessionError::Ended { .. } | SessionError::NotBefore { .. }
            ),
        }
    }

    /// What to do next.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::Lack(_) => Recovery::Reauthorize,
            Self::Provider(error) => SessionError::from(error.clone()).recovery(),
            Self::Session(error) => error.recovery(),
        }
    }
}

impl From<Error> for TokenFailure {
    fn from(error: Error) -> Self {
        match is_without_refresh_token(&error) {
            // What has expired and cannot be refreshed.
            true => Self::Lack(TokenLack::Expired),
            false => Self::Provider(error),
        }
    }
}

fn is_without_refresh_token(error: &Error) -> bool {
    error.kind() == &ErrorKind::Misuse(Misuse::Missing("refresh token"))
}

impl From<SessionError> for TokenFailure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Missing => Self::Lack(TokenLack::Undefined),
            SessionError::Provider(error) => error.into(),
            other => Self::Session(other),
        }
    }
}

#[async_trait]
impl TokenSource for Session {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        Ok(held(Session::tokens(self).await?))
    }

    async fn refused(&self, tokens: &TokenSet) -> Result<Option<Tokens>, TokenFailure> {
        match Session::refused(self, &tokens.access_token).await {
            // An API that refuses what it has led to is not believed again at once.
            Ok(others) if others.access_token == tokens.access_token => Ok(None),
            Ok(others) => Ok(Some(held(others))),
            Err(SessionError::Provider(error)) if is_without_refresh_token(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn lack(&self) -> Option<TokenLack> {
        match self.needs_login() {
            true => matches!(self.load().await, Ok(None)).then_some(TokenLack::Undefined),
            false => None,
        }
    }

    async fn proof(
        &self,
        method: &Method,
        target: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Secret>, TokenFailure> {
        let key = self.client().and_then(|client| client.dpop());
        proof(key, self.driver(), method, target, tokens).await
    }

    fn demands_nonce(&self, target: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        let key = self.client().and_then(|client| client.dpop());
        key.is_some_and(|key| is_challenged(key, target, status, headers))
    }
}

#[async_trait]
impl<G: Clone + Default + Send + Sync> TokenSource for Client<G> {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        InHand::of(self).obtain().await
    }

    async fn lack(&self) -> Option<TokenLack> {
        lack_of(self.token_expiry())
    }

    async fn proof(
        &self,
        method: &Method,
        target: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Secret>, TokenFailure> {
        InHand::of(self).proof(method, target, tokens).await
    }

    fn demands_nonce(&self, target: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        let key = self.credentials().dpop();
        key.is_some_and(|key| is_challenged(key, target, status, headers))
    }
}

/// What a client has at this moment, whatever its grant.
pub(crate) struct InHand {
    tokens: Result<Tokens, TokenLack>,
    key: Option<DpopKey>,
    driver: Driver,
}

impl InHand {
    pub(crate) fn of<G: Clone + Default>(client: &Client<G>) -> Self {
        let tokens = client.credentials().token();
        Self {
            tokens: in_hand(tokens, client.token_expiry()),
            key: client.credentials().dpop().cloned(),
            driver: client.provider().driver().clone(),
        }
    }
}

#[async_trait]
impl TokenSource for InHand {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        self.tokens.clone().map_err(TokenFailure::Lack)
    }

    async fn proof(
        &self,
        method: &Method,
        target: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Secret>, TokenFailure> {
        proof(self.key.as_ref(), &self.driver, method, target, tokens).await
    }

    fn demands_nonce(&self, target: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        let key = self.key.as_ref();
        key.is_some_and(|key| is_challenged(key, target, status, headers))
    }
}

#[async_trait]
impl TokenSource for TokenSet {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        in_hand(Some(self), Some(expiry_now(self))).map_err(TokenFailure::Lack)
    }

    async fn lack(&self) -> Option<TokenLack> {
        lack_of(Some(expiry_now(self)))
    }
}

#[async_trait]
impl<S: TokenSource + ?Sized> TokenSource for Arc<S> {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        (**self).obtain().await
    }

    async fn refused(&self, tokens: &TokenSet) -> Result<Option<Tokens>, TokenFailure> {
        (**self).refused(tokens).await
    }

    async fn lack(&self) -> Option<TokenLack> {
        (**self).lack().await
    }

    async fn proof(
        &self,
        method: &Method,
        target: &str,
        tokens: &TokenSet,
    ) -> Result<Option<Secret>, TokenFailure> {
        (**self).proof(method, target, tokens).await
    }

    fn demands_nonce(&self, target: &str, status: StatusCode, headers: &HeaderMap) -> bool {
        (**self).demands_nonce(target, status, headers)
    }
}

/// Tokens that are kept for as long as a request takes: a clone takes none of the few places there are for reading what is cached.
fn held(tokens: Tokens) -> Tokens {
    tokens.clone()
}

async fn proof(
    key: Option<&DpopKey>,
    driver: &Driver,
    method: &Method,
    target: &str,
    tokens: &TokenSet,
) -> Result<Option<Secret>, TokenFailure> {
    match key {
        Some(key) => Ok(Some(
            prove(driver, key, method.as_str(), target, tokens).await?,
        )),
        None => Ok(None),
    }
}

fn in_hand(tokens: Option<&TokenSet>, expiry: Option<Expiry>) -> Result<Tokens, TokenLack> {
    match (tokens, lack_of(expiry)) {
        (Some(tokens), None) => Ok(tokens.clone().into()),
        (_, lack) => Err(lack.unwrap_or(TokenLack::Undefined)),
    }
}

fn lack_of(expiry: Option<Expiry>) -> Option<TokenLack> {
    match expiry {
        None => Some(TokenLack::Undefined),
        Some(Expiry::Expired) => Some(TokenLack::Expired),
        Some(Expiry::Valid | Expiry::Unknown) => None,
    }
}

fn expiry_now(tokens: &TokenSet) -> Expiry {
    tokens.expiry(UtcDateTime::now(), std::time::Duration::ZERO)
}
