//! PostgreSQL.

mod address;
mod answer;
mod schema;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use hallpass_store::{Entry, Key, ListKeys, Revision, StoreError, SwapError, TokenStore};
use sqlx::{
    ConnectOptions, Connection, PgPool, Postgres, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use self::{answer::Answer, schema::Statements};
use crate::{
    Settings,
    lease::{Lease, Trouble, within},
    row,
};

/// A connection that lay idle for longer is asked whether it lives before it is used.
const FRESH: Duration = Duration::from_secs(5);

/// Keeps each entry in a row of a table in PostgreSQL, for programs on many machines.
///
/// - A swap is one statement and one round trip (two the first time on each connection: the server prepares it).
/// - What the server answered to be wrong before anything was committed is [`SwapError::Failed`]; a connection that was lost,
///   a patience that ended, and a server that went down meanwhile are [`SwapError::Unknown`].
/// - Loads and swaps fail on a standby, [`Unavailable`](hallpass_store::StoreErrorKind::Unavailable): it lags.
/// - It needs a task of tokio, with its timers on.
///
/// A `PostgresStore` is a handle: clone it freely.
///
/// ```no_run
/// use hallpass_store::{Key, TokenStore};
/// use hallpass_store_sql::PostgresStore;
///
/// # async fn in_your_program(address: &str) -> Result<(), hallpass_store::StoreError> {
/// let store = PostgresStore::connect(address).await?;
/// assert_eq!(store.load(&Key::new("ada@example.org")).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    statements: Statements,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, with the [settings](Settings) as they are by default, and
    /// [migrates](Self::migrate).
    ///
    /// Where neither the address nor `PGSSLMODE` names an `sslmode`, a server on another machine has to prove itself by a
    /// certificate (`verify-full`); one on this machine has not. A parameter that is not known is refused, because a mistyped
    /// `sslmode` would leave TLS off.
    ///
    /// On its connections `statement_timeout` is set, and `synchronous_commit` where it was `off`.
    ///
    /// # Errors
    /// [`Other`](hallpass_store::StoreErrorKind::Other) where the address is none,
    /// [`Refused`](hallpass_store::StoreErrorKind::Refused) where the server refuses the user or has no permission for the
    /// table, [`Unavailable`](hallpass_store::StoreErrorKind::Unavailable) where it cannot be reached or is a standby,
    /// [`Corrupt`](hallpass_store::StoreErrorKind::Corrupt) where a later version of this crate made the table.
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        Self::connect_with(address, Settings::new()).await
    }

    /// As [`connect`](Self::connect), with other settings.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_with(address: &str, settings: Settings) -> Result<Self, StoreError> {
        let options = address::read(address)?;
        // A pool tells of everything that it was late. One connection by hand tells what is wrong.
        let patience = settings.connection_patience();
        let first = within(patience, options.connect()).await;
        let first = first.map_err(answer::not_connected)?;
        let _ = within(patience, first.close()).await;
        let store = Self::from_pool(pool(options, &settings), settings);
        store.migrate().await?;
        Ok(store)
    }

    /// On a pool of your own, for instance where the address stands in a configuration of sqlx or a pooler is between. Nothing is set on
    /// its connections and nothing is migrated. Of the settings, the number of connections is not used.
    pub fn from_pool(pool: PgPool, settings: Settings) -> Self {
        let statements = Statements::new(settings.table());
        Self {
            pool,
            shared: Arc::new(Shared {
                settings,
                statements,
            }),
        }
    }

    /// Makes the table, or brings it to what this version needs. Where it is so already nothing is written, so the user of the
    /// database needs no permission to make tables. Many processes may do it at once.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut lease = self.lease().await.map_err(answer::not_connected)?;
        let work = schema::migrate(
            lease.connection().map_err(answer::not_connected)?,
            self.settings().table(),
        );
        let newer = within(self.settings().statement_patience(), work).await;
        let version = self.settle(lease, newer).map_err(Answer::into_error)?;
        schema::is_ours(version)
    }

    /// Removes every entry that was not written for this long, by the server's clock, and returns how many those were.
    ///
    /// A session is written when it is refreshed, so this is how those that nobody uses any more go. Choose longer
    /// than the longest that a session may rest, such as the lifetime of its refresh token; nothing calls this by itself.
    ///
    /// # Errors
    /// A [`StoreError`] where it was not done, or perhaps not.
    pub async fn remove_older_than(&self, age: Duration) -> Result<u64, StoreError> {
        let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let query = sqlx::query(&self.shared.statements.remove_older).bind(seconds);
        let mut lease = self.lease().await.map_err(answer::not_connected)?;
        let work = query.execute(lease.connection().map_err(answer::not_connected)?);
        let done = within(self.settings().statement_patience(), work).await;
        let done = self.settle(lease, done).map_err(Answer::into_error)?;
        Ok(done.rows_affected())
    }

    /// Closes every connection of the pool, for every clone of this handle.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    async fn lease(&self) -> Result<Lease<Postgres>, Trouble> {
        Lease::take(&self.pool, self.settings().connection_patience()).await
    }

    /// The connection goes back only where the server has answered and goes on.
    fn settle<T>(&self, lease: Lease<Postgres>, done: Result<T, Trouble>) -> Result<T, Answer> {
        match done {
            Ok(done) => {
                lease.give_back();
                Ok(done)
            }
            Err(trouble) => {
                let answer = answer::read(trouble);
                if matches!(answer, Answer::Declined(_)) {
                    lease.give_back();
                }
                Err(answer)
            }
        }
    }
}

#[async_trait]
impl TokenStore for PostgresStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let hash = row::hash(key);
        let query = sqlx::query(&self.shared.statements.load).bind(&hash[..]);
        let mut lease = self.lease().await.map_err(answer::not_connected)?;
        let work = query.fetch_one(lease.connection().map_err(answer::not_connected)?);
        let found = within(self.settings().statement_patience(), work).await;
        let found = found.and_then(|row| {
            let (lags, revision, bytes) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok((lags, revision, bytes))
        });
        match found {
            // A connection to a standby is not kept: the next one may lead to the primary.
            Ok((true, ..)) => Err(answer::standby()),
            found => {
                let (_, revision, bytes) = self.settle(lease, found).map_err(Answer::into_error)?;
                row::entry(revision, bytes)
            }
        }
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        if let Some(entry) = &new {
            row::measure(key, entry).map_err(SwapError::Failed)?;
        }
        let (hash, text) = (row::hash(key), key.as_str().as_bytes());
        let expected = expected.map(Revision::to_bytes);
        let statements = &self.shared.statements;
        let revision = new.as_ref().map(|entry| entry.revision.to_bytes());
        let query = match (&expected, &new, &revision) {
            (None, Some(new), Some(revision)) => sqlx::query(&statements.insert)
                .bind(&hash[..])
                .bind(text)
                .bind(&revision[..])
                .bind(new.bytes.expose_secret()),
            (Some(expected), Some(new), Some(revision)) => sqlx::query(&statements.replace)
                .bind(&hash[..])
                .bind(&expected[..])
                .bind(&revision[..])
                .bind(new.bytes.expose_secret()),
            (Some(expected), _, _) => sqlx::query(&statements.remove)
                .bind(&hash[..])
                .bind(&expected[..]),
            // Nothing instead of nothing: there is nothing to write.
            (None, _, _) => {
                return match self.load(key).await.map_err(SwapError::Failed)? {
                    None => Ok(()),
                    Some(_) => Err(SwapError::Conflict),
                };
            }
        };
        let failed = |trouble| SwapError::Failed(answer::not_connected(trouble));
        let mut lease = self.lease().await.map_err(failed)?;
        let work = query.execute(lease.connection().map_err(failed)?);
        let done = within(self.settings().statement_patience(), work).await;
        let done = self.settle(lease, done).map_err(Answer::into_swap_error)?;
        row::written(done.rows_affected())
    }
}

#[async_trait]
impl ListKeys for PostgresStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let query = sqlx::query_scalar(&self.shared.statements.keys);
        let mut lease = self.lease().await.map_err(answer::not_connected)?;
        let work = query.fetch_all(lease.connection().map_err(answer::not_connected)?);
        let texts = within(self.settings().statement_patience(), work).await;
        let texts = self.settle(lease, texts).map_err(Answer::into_error)?;
        Ok(row::keys(texts))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresStore")
            .field(&self.settings().table())
            .finish()
    }
}

fn pool(options: PgConnectOptions, settings: &Settings) -> PgPool {
    let patience = settings.database_patience().as_millis().max(1).to_string();
    PgPoolOptions::new()
        .max_connections(settings.connections())
        .acquire_timeout(settings.connection_patience())
        // It would cost a round trip each time.
        .test_before_acquire(false)
        .before_acquire(|connection, lay| {
            Box::pin(async move {
                if lay.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let patience = patience.clone();
            Box::pin(async move {
                sqlx::query(schema::SET_UP)
                    .bind(patience)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .connect_lazy_with(options)
}
