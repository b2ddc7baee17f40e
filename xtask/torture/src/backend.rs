//! The store of a run, as a text that a worker is started with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use hallpass_store::{
    Entry, FileStore, Key, Revision, StoreError, SwapError, TokenStore, blocking,
};
use hallpass_store_redis::RedisStore;
use hallpass_store_sql::{PostgresStore, Settings, SqliteStore};

use crate::text;

/// Where sessions are kept, and how to get there from another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A folder on this machine.
    File(PathBuf),
    /// A server, and what the keys of this run begin with.
    Redis { url: String, prefix: String },
    /// A server, and the table of this run.
    Postgres { url: String, table: String },
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A folder, with a store that says of a write that it is done, and does it later: a harness that cannot tell it from an honest
    /// store proves nothing.
    Lying(PathBuf),
}

impl Backend {
    /// What the table calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Backend::File(_) => "file",
            Backend::Redis { .. } => "redis",
            Backend::Postgres { .. } => "postgres",
            Backend::Sqlite(_) => "sqlite",
            Backend::Lying(_) => "lying",
        }
    }

    pub(crate) fn read(text: &str) -> Result<Backend, String> {
        let (name, place) = text.split_once(':').unwrap_or((text, ""));
        let (part, url) = place.split_once('@').unwrap_or((place, ""));
        match name {
            "file" => Ok(Backend::File(place.into())),
            "sqlite" => Ok(Backend::Sqlite(place.into())),
            "lying" => Ok(Backend::Lying(place.into())),
            "redis" => Ok(Backend::Redis {
                url: url.to_owned(),
                prefix: part.to_owned(),
            }),
            "postgres" => Ok(Backend::Postgres {
                url: url.to_owned(),
                table: part.to_owned(),
            }),
            _ => Err(format!("`{text}` is no store")),
        }
    }

    /// Opens it, as every process does for itself.
    pub(crate) async fn open(&self) -> Result<Arc<dyn TokenStore>, String> {
        Ok(match self {
            Backend::File(folder) => Arc::new(open(folder)?),
            Backend::Lying(folder) => Arc::new(Liar(open(folder)?)),
            Backend::Redis { url, prefix } => {
                let store = RedisStore::builder(url)
                    .prefix(prefix)
                    .response_timeout(PATIENCE);
                Arc::new(store.build().map_err(text)?)
            }
            Backend::Postgres { url, table } => {
                let settings = Settings::new().with_table(table).map_err(text)?;
                // A server takes so many connections, and there are many processes.
                let settings = settings
                    .with_connections(1)
                    .with_statement_patience(PATIENCE);
                Arc::new(
                    PostgresStore::connect_with(url, settings)
                        .await
                        .map_err(text)?,
                )
            }
            Backend::Sqlite(file) => {
                let settings = Settings::new()
                    .with_connections(1)
                    .with_statement_patience(PATIENCE);
                Arc::new(SqliteStore::open_with(file, settings).await.map_err(text)?)
            }
        })
    }

    /// The same store behind this address, where it stands on a server.
    pub(crate) fn behind(&self, address: std::net::SocketAddr) -> Option<Backend> {
        match self {
            Backend::Redis { prefix, .. } => Some(Backend::Redis {
                url: format!("redis://{address}"),
                prefix: prefix.clone(),
            }),
            Backend::Postgres { url, table } => {
                let (user, _) = url.rsplit_once('@')?;
                let (_, database) = url.rsplit_once('/')?;
                Some(Backend::Postgres {
                    url: format!("{user}@{address}/{database}"),
                    table: table.clone(),
                })
            }
            Backend::File(_) | Backend::Sqlite(_) | Backend::Lying(_) => None,
        }
    }

    /// What the store itself finds that it cannot read.
    pub(crate) fn unreadable(&self) -> Result<Vec<String>, String> {
        match self {
            Backend::File(folder) | Backend::Lying(folder) => {
                let store = open(folder)?;
                let found = store.unreadable().map_err(text)?;
                Ok(found.iter().map(ToString::to_string).collect())
            }
            // They keep all entries in one place: a load of each key tells.
            Backend::Redis { .. } | Backend::Postgres { .. } | Backend::Sqlite(_) => Ok(Vec::new()),
        }
    }
}

/// A store that does not answer for so long is away.
const PATIENCE: Duration = Duration::from_secs(10);

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::File(path) | Backend::Sqlite(path) | Backend::Lying(path) => {
                write!(f, "{}:{}", self.name(), path.display())
            }
            Backend::Redis { url, prefix: part } | Backend::Postgres { url, table: part } => {
                write!(f, "{}:{part}@{url}", self.name())
            }
        }
    }
}

fn open(folder: &Path) -> Result<FileStore, String> {
    FileStore::open(folder).map_err(text)
}

/// Answers before it writes.
struct Liar(FileStore);

#[async_trait]
impl TokenStore for Liar {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        TokenStore::load(&self.0, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let (store, key) = (self.0.clone(), key.clone());
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(2));
            blocking::TokenStore::swap(&store, &key, expected, new)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_told_to_a_worker_and_understood() {
        for text in [
            "file:/tmp/a folder@x",
            "sqlite:/tmp/a.db",
            "redis:kill:@redis://127.0.0.1:1",
            "postgres:kill@postgres://hallpass@127.0.0.1:1/postgres",
        ] {
            assert_eq!(Backend::read(text).unwrap().to_string(), text);
        }
        assert!(Backend::read("memory:").is_err());
    }

    #[test]
    fn a_store_on_a_server_can_be_reached_another_way() {
        let address = "127.0.0.1:9".parse().unwrap();
        let store =
            Backend::read("postgres:kill@postgres://hallpass@127.0.0.1:1/postgres").unwrap();
        let behind = store.behind(address).unwrap().to_string();
        assert_eq!(
            behind,
            "postgres:kill@postgres://hallpass@127.0.0.1:9/postgres"
        );
        assert_eq!(Backend::read("file:x").unwrap().behind(address), None);
    }
}
