//! The statements, and the table they are for.

use hallpass_store::{StoreError, StoreErrorKind};
use sqlx::{Connection, Executor, Row, SqliteConnection};

use crate::lease::Work;

/// What the table's version is after the last step.
const VERSION: i64 = 1;

/// What is sent, with the table's name in it.
pub(super) struct Statements {
    pub(super) load: String,
    pub(super) set_aside: String,
    pub(super) insert: String,
    pub(super) replace: String,
    pub(super) remove: String,
    pub(super) remove_older: String,
    pub(super) keys: String,
}

impl Statements {
    pub(super) fn new(table: &str) -> Self {
        // A column of SQLite's takes any type, whatever it was declared with.
        const IS_ENTRY: &str =
            "typeof(revision) = 'blob' AND length(revision) = 16 AND typeof(bytes) = 'blob'";
        const NOW: &str = "CAST(strftime('%s', 'now') AS INTEGER)";
        Self {
            load: format!(
                "SELECT CASE WHEN {IS_ENTRY} THEN revision END, CASE WHEN {IS_ENTRY} THEN bytes END \
                 FROM \"{table}\" WHERE key_hash = ?1"
            ),
            set_aside: format!(
                "UPDATE \"{table}\" SET key_hash = ?2, key_text = ?3 WHERE key_hash = ?1 AND NOT ({IS_ENTRY})"
            ),
            insert: format!(
                "INSERT INTO \"{table}\" (key_hash, key_text, revision, bytes, updated_at) \
                 VALUES (?1, ?2, ?3, ?4, {NOW}) ON CONFLICT (key_hash) DO NOTHING"
            ),
            replace: format!(
                "UPDATE \"{table}\" SET revision = ?3, bytes = ?4, updated_at = {NOW} \
                 WHERE key_hash = ?1 AND revision = ?2"
            ),
            remove: format!("DELETE FROM \"{table}\" WHERE key_hash = ?1 AND revision = ?2"),
            remove_older: format!("DELETE FROM \"{table}\" WHERE updated_at < {NOW} - ?1"),
            keys: format!("SELECT key_text FROM \"{table}\""),
        }
    }
}

/// Brings the table to our version, and returns the one it has: ours, or a later one.
pub(super) fn migrate<'a>(connection: &'a mut SqliteConnection, table: &'a str) -> Work<'a, i64> {
    Box::pin(async move {
        let found = version(connection, table).await?;
        if found >= VERSION {
            return Ok(found);
        }
        // The write lock first: what is read after it stays so.
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let found = version(&mut transaction, table).await?;
        if found < 1 {
            transaction.execute(&*first(table)).await?;
        }
        transaction.commit().await?;
        Ok(found.max(VERSION))
    })
}

/// Refuses what a later version made: its rows may mean something else.
pub(super) fn is_ours(version: i64) -> Result<(), StoreError> {
    if version == VERSION {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Corrupt,
        format!(
            "the table has version {version} and this is made for {VERSION}: use a later hallpass-store-sql"
        ),
    ))
}

/// 0 where there is no table yet.
fn version<'a>(connection: &'a mut SqliteConnection, table: &'a str) -> Work<'a, i64> {
    Box::pin(async move {
        let exists = sqlx::query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1")
            .bind(format!("{table}_schema"))
            .fetch_optional(&mut *connection)
            .await?;
        if exists.is_none() {
            return Ok(0);
        }
        let select = format!("SELECT version FROM \"{table}_schema\"");
        let version = sqlx::query(&select).fetch_optional(connection).await?;
        version.map_or(Ok(0), |row| row.try_get(0))
    })
}

/// Texts are bytes because a text of SQLite's ends at a NUL for some of its functions. `updated_at` is in unix seconds.
fn first(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS \"{table}\" (
             key_hash BLOB PRIMARY KEY NOT NULL CHECK (length(key_hash) = 32),
             key_text BLOB NOT NULL,
             revision BLOB NOT NULL CHECK (length(revision) = 16),
             bytes BLOB NOT NULL,
             updated_at INTEGER NOT NULL
         );
         CREATE TABLE IF NOT EXISTS \"{table}_schema\" (
             only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
             version INTEGER NOT NULL
         );
         INSERT INTO \"{table}_schema\" (only_row, version) VALUES (1, 1)
         ON CONFLICT (only_row) DO UPDATE SET version = excluded.version;"
    )
}
