//! SQLite.

mod answer;
mod place;
mod schema;

use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use hallpass_store::{
    Entry, Key, ListKeys, Revision, StoreError, StoreErrorKind, SwapError, TokenStore,
};
use sqlx::{
    ConnectOptions, Connection, Row, Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use self::{answer::Answer, schema::Statements};
use crate::{
    Settings,
    lease::{Lease, Trouble, within},
    row,
};

/// Keeps each entry in a row of a table in an SQLite file, for the programs of one machine.
///
/// - The file, and the `-wal` and `-shm` beside it, are made with mode 0600 whatever the umask, and its folder with 0700. A
///   file that others may read, that belongs to another user or that is a link is refused, and so is a folder others may write to,
///   a sticky one (`/tmp`) too: give the file a folder of its own. Folders above may be sticky, and else have to be closed to
///   others' writes.
/// - A swap is one statement. It is synced before it is answered (`journal_mode=WAL`, `synchronous=FULL`).
/// - What SQLite answered to be wrong before it wrote is [`SwapError::Failed`]; an error of the disk, a full one, and a
///   patience that ended are [`SwapError::Unknown`].
/// - Many processes may have it open, on one machine and a local file system: SQLite's locks and its shared memory do not hold over a
///   network. One at a time writes, the others wait for four fifths of the
///   [patience](Settings::with_statement_patience) and are [`Busy`](StoreErrorKind::Busy) then.
/// - A row that is no entry, because something else has changed it, is [`Corrupt`](StoreErrorKind::Corrupt) to the load that finds it, which gives it
///   another `key_hash` and says which, so that a login finds room.
/// - It needs a task of tokio, with its timers on.
///
/// A `SqliteStore` is a handle: clone it freely. [`close`](Self::close) it when the program ends.
///
/// ```
/// use hallpass_store::{Entry, Key, Revision, TokenStore};
/// use hallpass_store_sql::SqliteStore;
///
/// # async fn in_your_program(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open(folder.join("sessions.db")).await?;
/// let key = Key::new("ada@example.org");
/// let revision = Revision::from_bytes(*b"16 random bytes!");
/// store.swap(&key, None, Some(Entry::new(revision, b"a record".to_vec()))).await?;
/// assert_eq!(store.load(&key).await?.unwrap().revision, revision);
/// store.close().await;
/// # Ok(())
/// # }
/// # let home = tempfile::tempdir().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(in_your_program(&home.path().join("own"))).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    reading: SqlitePool,
    // One connection: SQLite lets one write at a time, and ours wait for each other better than for its locks.
    writing: SqlitePool,
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    statements: Statements,
}

impl SqliteStore {
    /// Opens the file, makes it where it is missing, with the [settings](Settings) as they are by default, and
    /// [migrates](Self::migrate).
    ///
    /// # Errors
    /// [`Refused`](StoreErrorKind::Refused) where the file or its folder is not safe,
    /// [`Corrupt`](StoreErrorKind::Corrupt) where it is no database or a later version of this crate made the table,
    /// [`Busy`](StoreErrorKind::Busy) where somebody else keeps it locked, [`Unavailable`](StoreErrorKind::Unavailable)
    /// where it cannot be made or read.
    pub async fn open(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(file, Settings::new()).await
    }

    /// As [`open`](Self::open), with other settings.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(file: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        let file = place::private(file.as_ref())?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(settings.database_patience())
            // What is removed is overwritten; and where the system can, syncing means the disk and not its cache.
            .pragma("secure_delete", "ON")
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            .disable_statement_logging();
        settle_into(&options, &settings).await?;
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(settings.connection_patience())
                .test_before_acquire(false)
                .max_lifetime(None)
                .idle_timeout(None)
                .connect_lazy_with(options.clone())
        };
        let store = Self::of(pool(settings.connections()), pool(1), settings);
        store.migrate().await?;
        Ok(store)
    }

    /// On a pool of your own, for instance the one of the application's other tables. Nothing is set on its connections, nothing is
    /// migrated and no file is looked at: how safe and how private it is, is up to who made the pool.
    pub fn from_pool(pool: SqlitePool, settings: Settings) -> Self {
        Self::of(pool.clone(), pool, settings)
    }

    /// Makes the table, or brings it to what this version needs. Many processes may do it at once.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut lease = self.lease(&self.writing).await.map_err(answer::not_open)?;
        let work = schema::migrate(
            lease.connection().map_err(answer::not_open)?,
            self.settings().table(),
        );
        let version = within(self.settings().statement_patience(), work).await;
        let version = settle(lease, version).map_err(Answer::into_error)?;
        schema::is_ours(version)
    }

    /// Removes every entry that was not written for this long, by the machine's clock, and returns how many those were.
    ///
    /// A session is written when it is refreshed, so this is how those that nobody uses any more go. Choose longer
    /// than the longest that a session may rest, such as the lifetime of its refresh token; nothing calls this by itself.
    ///
    /// # Errors
    /// A [`StoreError`] where it was not done, or perhaps not.
    pub async fn remove_older_than(&self, age: Duration) -> Result<u64, StoreError> {
        let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        let query = sqlx::query(&self.shared.statements.remove_older).bind(seconds);
        let mut lease = self.lease(&self.writing).await.map_err(answer::not_open)?;
        let work = query.execute(lease.connection().map_err(answer::not_open)?);
        let done = within(self.settings().statement_patience(), work).await;
        let done = settle(lease, done).map_err(Answer::into_error)?;
        Ok(done.rows_affected())
    }

    /// Closes every connection, for every clone of this handle. The last one to close the file folds the `-wal` into it.
    pub async fn close(&self) {
        self.reading.close().await;
        self.writing.close().await;
    }

    /// Makes room for a login: a row that is no entry would be in the way of every swap.
    async fn set_aside(&self, key: &Key) -> StoreError {
        const WHY: &str = "the row was changed by something else than this store";
        let corrupt =
            |place: String| StoreError::new(StoreErrorKind::Corrupt, format!("{WHY}; it {place}"));
        let (hash, text) = row::aside(key);
        match self.move_row(row::hash(key), hash, text).await {
            Ok(0) => corrupt("is no longer there: load again".to_owned()),
            Ok(_) => {
                let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                corrupt(format!("was set aside: its key_hash is x'{hash}' now"))
            }
            Err(error) => corrupt("could not be set aside".to_owned()).with_source(error),
        }
    }

    async fn move_row(
        &self,
        from: [u8; 32],
        to: [u8; 32],
        text: Vec<u8>,
    ) -> Result<u64, StoreError> {
        let query = sqlx::query(&self.shared.statements.set_aside)
            .bind(&from[..])
            .bind(&to[..])
            .bind(&text[..]);
        let mut lease = self.lease(&self.writing).await.map_err(answer::not_open)?;
        let work = query.execute(lease.connection().map_err(answer::not_open)?);
        let done = within(self.settings().statement_patience(), work).await;
        let done = settle(lease, done).map_err(Answer::into_error)?;
        Ok(done.rows_affected())
    }

    fn of(reading: SqlitePool, writing: SqlitePool, settings: Settings) -> Self {
        let statements = Statements::new(settings.table());
        Self {
            reading,
            writing,
            shared: Arc::new(Shared {
                settings,
                statements,
            }),
        }
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    async fn lease(&self, pool: &SqlitePool) -> Result<Lease<Sqlite>, Trouble> {
        Lease::take(pool, self.settings().connection_patience()).await
    }
}

#[async_trait]
impl TokenStore for SqliteStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let hash = row::hash(key);
        let query = sqlx::query(&self.shared.statements.load).bind(&hash[..]);
        let mut lease = self.lease(&self.reading).await.map_err(answer::not_open)?;
        let work = query.fetch_optional(lease.connection().map_err(answer::not_open)?);
        let found = within(self.settings().statement_patience(), work).await;
        let found = found.and_then(|row| match row {
            Some(row) => Ok(Some((row.try_get(0)?, row.try_get(1)?))),
            None => Ok(None),
        });
        match settle(lease, found).map_err(Answer::into_error)? {
            None => Ok(None),
            Some((None, None)) => Err(self.set_aside(key).await),
            Some((revision, bytes)) => row::entry(revision, bytes),
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
        let failed = |trouble| SwapError::Failed(answer::not_open(trouble));
        let mut lease = self.lease(&self.writing).await.map_err(failed)?;
        let work = query.execute(lease.connection().map_err(failed)?);
        let done = within(self.settings().statement_patience(), work).await;
        let done = settle(lease, done).map_err(Answer::into_swap_error)?;
        row::written(done.rows_affected())
    }
}

#[async_trait]
impl ListKeys for SqliteStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let query = sqlx::query_scalar(&self.shared.statements.keys);
        let mut lease = self.lease(&self.reading).await.map_err(answer::not_open)?;
        let work = query.fetch_all(lease.connection().map_err(answer::not_open)?);
        let texts = within(self.settings().statement_patience(), work).await;
        let texts = settle(lease, texts).map_err(Answer::into_error)?;
        Ok(row::keys(texts))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteStore")
            .field(&self.settings().table())
            .finish()
    }
}

/// The connection goes back only where SQLite has answered.
fn settle<T>(lease: Lease<Sqlite>, done: Result<T, Trouble>) -> Result<T, Answer> {
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

/// Opens the file once by hand, because a pool tells of everything that it was late, and so that the journal is a WAL
/// before there are many connections: while that changes, whoever else opens the file is told at once that it is busy.
async fn settle_into(
    options: &SqliteConnectOptions,
    settings: &Settings,
) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        let opened = within(settings.connection_patience(), options.connect()).await;
        let error = match opened {
            Ok(connection) => {
                let _ = within(settings.connection_patience(), connection.close()).await;
                return Ok(());
            }
            Err(trouble) => answer::not_open(trouble),
        };
        if error.kind() != StoreErrorKind::Busy || begun.elapsed() > settings.connection_patience()
        {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
