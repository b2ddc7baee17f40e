//! A token set that lives in a store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hallpass_grant::token::{Expiry, TokenSet};
use hallpass_grant::{Client, Error, Misuse, Random, Refused};
use hallpass_http::{Driver, OsRandom};
use hallpass_store::{Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, TokenStore};
use time::UtcDateTime;

use crate::{Record, SessionError};

/// One login of one user: its tokens are loaded, used, refreshed when they end, and saved.
///
/// It keeps nothing in memory: what one handle saved, every other handle on the same store sees.
#[derive(Clone)]
pub struct Session {
    store: Arc<dyn TokenStore>,
    key: Key,
    client: Client,
    driver: Driver,
    clock_skew: Duration,
}

impl Session {
    /// A handle on what is stored under `key`, or will be.
    pub fn new(store: Arc<dyn TokenStore>, key: Key, client: Client, driver: Driver) -> Self {
        Self {
            store,
            key,
            client,
            driver,
            clock_skew: Duration::ZERO,
        }
    }

    /// The same handle, taking a token for expired this much earlier than it says.
    #[must_use]
    pub fn with_clock_skew(mut self, clock_skew: Duration) -> Self {
        self.clock_skew = clock_skew;
        self
    }

    /// The client the tokens are given to.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What requests to the server go through, and who signs.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Begins the session, or begins it anew, with the tokens of a login. It replaces whatever is stored, a logout
    /// included, so it is for the tokens of a login alone: [`refresh`](Self::refresh) saves its own.
    ///
    /// # Errors
    /// [`SessionError::Store`] when the store cannot tell or cannot write; it is [`Busy`](StoreErrorKind::Busy) when another
    /// holder wrote first at each of 16 attempts.
    pub async fn save(&self, tokens: &TokenSet) -> Result<(), SessionError> {
        for pause in pauses() {
            let entry = self.store.load(&self.key).await?;
            let before = entry.map(|entry| entry.revision);
            let record = Record::new(&self.client, tokens.clone());
            match self.write(before, draw_revision()?, &record).await {
                Written::Ours => return Ok(()),
                // Somebody wrote in between; a login outranks whatever it was.
                Written::Theirs => self.driver.runtime().sleep(pause).await,
                Written::Lost(source) => return Err(source.into()),
            }
        }
        Err(contended().into())
    }

    /// What is stored, valid or not; `None` when nothing is.
    ///
    /// # Errors
    /// [`SessionError::Store`] and [`SessionError::Record`].
    pub async fn load(&self) -> Result<Option<TokenSet>, SessionError> {
        Ok(self.held().await?.map(|held| held.tokens))
    }

    /// Tokens to be used now: those stored, or new ones if those have expired.
    ///
    /// Let one caller at a time refresh: two that find the same expired token at the same moment both spend its refresh
    /// token, and a server that takes reuse for theft ends the session. Tasks that share a session take turns:
    ///
    /// ```no_run
    /// # async fn example(session: hallpass_session::Session) -> Result<(), hallpass_session::SessionError> {
    /// static TURNS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    /// let turn = TURNS.lock().await;
    /// let tokens = session.tokens().await?;
    /// drop(turn);
    /// # Ok(()) }
    /// ```
    ///
    /// What a refresh gave is used until the clock's next second though it has expired by then: a server that gives tokens of no
    /// lifetime, or of one within the clock skew, is asked once a second and not at every use.
    ///
    /// # Errors
    /// [`SessionError::Missing`] when nobody has logged in; the others as for [`refresh`](Self::refresh).
    pub async fn tokens(&self) -> Result<TokenSet, SessionError> {
        let held = self.held().await?.ok_or(SessionError::Missing)?;
        let now = self.driver.now();
        match held.tokens.expiry(now, self.clock_skew) {
            Expiry::Expired if held.refreshed_at == Some(whole_second(now)) => Ok(held.tokens),
            Expiry::Expired => self.renew(held).await,
            Expiry::Valid | Expiry::Unknown => Ok(held.tokens),
        }
    }

    /// Gets new tokens, whether or not those stored have expired, and saves them. One caller at a time, as for
    /// [`tokens`](Self::tokens).
    ///
    /// # Errors
    /// [`SessionError::Provider`]: what is stored is kept, unless the server said that the refresh token is dead, which ends the session;
    /// [`SessionError::NotSaved`] has the new tokens in it.
    pub async fn refresh(&self) -> Result<TokenSet, SessionError> {
        let held = self.held().await?.ok_or(SessionError::Missing)?;
        self.renew(held).await
    }

    /// Ends the session here: nothing is stored afterwards. The server is not told.
    ///
    /// # Errors
    /// [`SessionError::Store`] as for [`save`](Self::save).
    pub async fn forget(&self) -> Result<(), SessionError> {
        for pause in pauses() {
            let Some(entry) = self.store.load(&self.key).await? else {
                return Ok(());
            };
            match self.store.swap(&self.key, Some(entry.revision), None).await {
                Ok(()) => return Ok(()),
                Err(SwapError::Conflict) => self.driver.runtime().sleep(pause).await,
                Err(SwapError::Failed(error) | SwapError::Unknown(error)) => {
                    return Err(error.into());
                }
            }
        }
        Err(contended().into())
    }

    async fn held(&self) -> Result<Option<Held>, SessionError> {
        let Some(entry) = self.store.load(&self.key).await? else {
            return Ok(None);
        };
        let record = Record::decode(&entry.bytes)?;
        Ok(Some(Held {
            revision: entry.revision,
            refreshed_at: record.refreshed_at,
            tokens: record.tokens_of(&self.client)?,
        }))
    }

    async fn renew(&self, held: Held) -> Result<TokenSet, SessionError> {
        let Some(refresh_token) = &held.tokens.refresh_token else {
            return Err(Error::from(Misuse::Missing("refresh token")).into());
        };
        // Drawn before anything is spent: afterwards there is no way back.
        let revision = draw_revision()?;
        let mut call =
            self.client
                .refresh(refresh_token, &held.tokens.scopes, None, &mut OsRandom)?;
        let mut tokens = match self.driver.drive(&mut call).await {
            Ok(tokens) => tokens,
            Err(error) => return self.refused(held, error).await,
        };
        if tokens.id_token.is_none() {
            tokens.id_token = held.tokens.id_token;
        }
        let mut record = Record::new(&self.client, tokens);
        record.refreshed_at = Some(whole_second(self.driver.now()));
        match self.write(Some(held.revision), revision, &record).await {
            Written::Ours => Ok(record.tokens),
            Written::Theirs => self.load().await?.ok_or(SessionError::Missing),
            Written::Lost(source) => Err(SessionError::NotSaved {
                tokens: Box::new(record.tokens),
                source,
            }),
        }
    }

    /// Only `invalid_grant` ends a session, and not even that when another holder has refreshed it meanwhile.
    async fn refused(&self, held: Held, error: Error) -> Result<TokenSet, SessionError> {
        if !error.refused().is_some_and(Refused::ends_grant) {
            return Err(error.into());
        }
        match self.held().await? {
            Some(now) if now.revision != held.revision => Ok(now.tokens),
            _ => match self.store.swap(&self.key, Some(held.revision), None).await {
                Ok(()) | Err(SwapError::Conflict) => Err(error.into()),
                Err(SwapError::Failed(store) | SwapError::Unknown(store)) => Err(store.into()),
            },
        }
    }

    async fn write(
        &self,
        before: Option<Revision>,
        revision: Revision,
        record: &Record,
    ) -> Written {
        let entry = Entry::new(revision, record.encode());
        match self.store.swap(&self.key, before, Some(entry)).await {
            Ok(()) => Written::Ours,
            Err(SwapError::Conflict) => Written::Theirs,
            Err(SwapError::Failed(source)) => Written::Lost(source),
            // It may have been written: the revision tells.
            Err(SwapError::Unknown(source)) => match self.store.load(&self.key).await {
                Ok(Some(entry)) if entry.revision == revision => Written::Ours,
                Ok(_) | Err(_) => Written::Lost(source),
            },
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.key)
            .field("client", &self.client)
            .field("clock_skew", &self.clock_skew)
            .finish_non_exhaustive()
    }
}

/// What was read, and what it must still be when it is replaced.
struct Held {
    revision: Revision,
    refreshed_at: Option<UtcDateTime>,
    tokens: TokenSet,
}

/// What came of a write.
enum Written {
    Ours,
    Theirs,
    Lost(StoreError),
}

/// How long to let the others write after each attempt that they came before: 1 ms, then twice as long each time, up to 64 ms.
fn pauses() -> impl Iterator<Item = Duration> {
    const ATTEMPTS: u32 = 16;
    (0..ATTEMPTS).map(|attempt| Duration::from_millis(1 << attempt.min(6)))
}

fn contended() -> StoreError {
    StoreError::new(
        StoreErrorKind::Busy,
        "another holder of the session wrote first at every attempt",
    )
}

/// As a record keeps it.
fn whole_second(time: UtcDateTime) -> UtcDateTime {
    time.truncate_to_second()
}

fn draw_revision() -> Result<Revision, Error> {
    let drawn = OsRandom.draw()?;
    Ok(Revision::from_bytes(std::array::from_fn(|at| drawn[at])))
}
