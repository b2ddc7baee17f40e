//! The statements, and the table they are for.

use hallpass_store::{StoreError, StoreErrorKind};
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::lease::Work;

/// On each new connection of ours, in one round trip.
pub(super) const SET_UP: &str = "SELECT set_config('statement_timeout', $1, false), \
     CASE current_setting('synchronous_commit') \
     WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END";

/// What the table's version is after the last step.
const VERSION: i32 = 1;
/// Whoever migrates holds this lock: "hallpass" as a number.
const LOCK: i64 = i64::from_be_bytes(*b"hallpass");

/// What is sent, with the table's name in it.
pub(super) struct Statements {
    pub(super) load: String,
    pub(super) insert: String,
    pub(super) replace: String,
    pub(super) remove: String,
    pub(super) remove_older: String,
    pub(super) keys: String,
}

impl Statements {
    pub(super) fn new(table: &str) -> Self {
        const NOW: &str = "floor(extract(epoch FROM now()))::bigint";
        Self {
            // One row always, so that a standby is known by it although the entry is absent.
            load: format!(
                "SELECT pg_is_in_recovery(), t.revision, t.bytes \
                 FROM (SELECT $1::bytea AS key_hash) k LEFT JOIN \"{table}\" t USING (key_hash)"
            ),
            insert: format!(
                "INSERT INTO \"{table}\" (key_hash, key_text, revision, bytes, updated_at) \
                 VALUES ($1, $2, $3, $4, {NOW}) ON CONFLICT (key_hash) DO NOTHING"
            ),
            replace: format!(
                "UPDATE \"{table}\" SET revision = $3, bytes = $4, updated_at = {NOW} \
                 WHERE key_hash = $1 AND revision = $2"
            ),
            remove: format!("DELETE FROM \"{table}\" WHERE key_hash = $1 AND revision = $2"),
            remove_older: format!("DELETE FROM \"{table}\" WHERE updated_at < {NOW} - $1"),
            keys: format!("SELECT key_text FROM \"{table}\""),
        }
    }
}

/// Brings the table to our version, and returns the one it has: ours, or a later one.
pub(super) fn migrate<'a>(connection: &'a mut PgConnection, table: &'a str) -> Work<'a, i32> {
    Box::pin(async move {
        let found = version(connection, table).await?;
        if found >= VERSION {
            return Ok(found);
        }
        // Under a stricter isolation everything would be seen as it was before the lock.
        let mut transaction = connection
            .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
            .await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(LOCK)
            .execute(&mut *transaction)
            .await?;
        let found = version(&mut transaction, table).await?;
        if found < 1 {
            transaction.execute(&*first(table)).await?;
        }
        transaction.commit().await?;
        Ok(found.max(VERSION))
    })
}

/// Refuses what a later version made: its rows may mean something else.
pub(super) fn is_ours(version: i32) -> Result<(), StoreError> {
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
fn version<'a>(connection: &'a mut PgConnection, table: &'a str) -> Work<'a, i32> {
    Box::pin(async move {
        let exists = sqlx::query("SELECT to_regclass($1) IS NOT NULL")
            .bind(format!("\"{table}_schema\""))
            .fetch_one(&mut *connection)
            .await?;
        if !exists.try_get(0)? {
            return Ok(0);
        }
        let select = format!("SELECT version FROM \"{table}_schema\"");
        let version = sqlx::query(&select).fetch_optional(connection).await?;
        version.map_or(Ok(0), |row| row.try_get(0))
    })
}

/// Texts are bytes because PostgreSQL's own cannot hold NUL. `updated_at` has no index: with one, every swap would
/// write to it, for the sake of a rare removal.
fn first(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS \"{table}\" (
             key_hash bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
             key_text bytea NOT NULL,
             revision bytea NOT NULL CHECK (octet_length(revision) = 16),
             bytes bytea NOT NULL,
             updated_at bigint NOT NULL
         );
         COMMENT ON COLUMN \"{table}\".updated_at IS 'unix seconds';
         CREATE TABLE IF NOT EXISTS \"{table}_schema\" (
             version integer NOT NULL,
             only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
         );
         INSERT INTO \"{table}_schema\" (version) VALUES (1)
         ON CONFLICT (only_row) DO UPDATE SET version = excluded.version;"
    )
}
