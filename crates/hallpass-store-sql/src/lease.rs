//! A connection for one operation.

use std::{pin::Pin, time::Duration};

use sqlx::{Database, Pool, pool::PoolConnection};
use tokio::{runtime::Handle, time};

/// Why there is no answer, as far as the driver knows.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Not called from a task of tokio. Nothing was sent.
    NoRuntime,
    /// No answer within the patience.
    Late,
    /// What the driver says.
    Driver(sqlx::Error),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// A connection of the pool. Unless it is [given back](Self::give_back) it is closed: what was under way when its holder
/// stopped waiting would else be met by the next one.
pub(crate) struct Lease<DB: Database> {
    connection: Option<PoolConnection<DB>>,
}

impl<DB: Database> Lease<DB> {
    pub(crate) async fn take(pool: &Pool<DB>, patience: Duration) -> Result<Self, Trouble> {
        let connection = within(patience, pool.acquire()).await?;
        Ok(Self {
            connection: Some(connection),
        })
    }

    pub(crate) fn connection(&mut self) -> Result<&mut DB::Connection, Trouble> {
        match &mut self.connection {
            Some(connection) => Ok(connection),
            None => Err(Trouble::Driver(sqlx::Error::PoolClosed)),
        }
    }

    /// Back to the pool, for the next one.
    pub(crate) fn give_back(mut self) {
        drop(self.connection.take());
    }
}

impl<DB: Database> Drop for Lease<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// What is done on a connection in several statements. Boxed where it is made: the compiler does not see through the driver's
/// traits that it is `Send` otherwise.
pub(crate) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'a>>;

/// Waits for the driver, but no longer than this.
pub(crate) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Trouble> {
    if Handle::try_current().is_err() {
        return Err(Trouble::NoRuntime);
    }
    match time::timeout(patience, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Trouble::Late),
    }
}
