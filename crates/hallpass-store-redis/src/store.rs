//! The store.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use hallpass_store::{
    Entry, Key, ListKeys, Revision, StoreError, StoreErrorKind, SwapError, TokenStore,
};
use redis::{Client, Cmd, Value};

use crate::{
    Builder,
    link::Link,
    listing,
    stored::{self, Stored},
    trouble::Trouble,
};

/// A [`TokenStore`] on Redis.
///
/// Each entry is a string of its own. A load is one `GET`, a swap is one script that compares and writes: one round trip
/// each. A clone is a second handle on the same connection, which is made when it is needed and made anew when it was lost.
///
/// What stands under an entry's name and is surely none is told as [`Corrupt`](StoreErrorKind::Corrupt) by the load that finds it, and
/// renamed to `…:corrupt-1` (the first number that is free) so that a login finds room. It is never deleted, and what a later
/// version may have written stays where it is.
///
/// It needs a tokio runtime with I/O and time, and its clones are to be used in the runtime that used the first of them.
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    link: Link,
    settings: Settings,
}

/// Times are milliseconds.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) prefix: String,
    pub(crate) expire_after: Option<u64>,
    pub(crate) replicas: Option<(u32, u64)>,
    pub(crate) response_timeout: Duration,
}

impl RedisStore {
    /// A store with every setting at its default. The address is `redis://[user:password@]host[:port][/database]`, `rediss://`
    /// with TLS, or `redis+unix:///path`. It has to be that of the master, and connects when it is used for the first time.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] where the address is not of that form.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        Self::builder(url).build()
    }

    /// A store with settings of its own; the address is that of [`open`](Self::open).
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    /// A store on a client of the redis crate: for certificates of one's own, and whatever else only it can be told.
    pub fn from_client(client: Client) -> Builder {
        Builder::with(Ok(client))
    }

    pub(crate) fn new(link: Link, settings: Settings) -> Self {
        Self(Arc::new(Inner { link, settings }))
    }

    fn swap_command(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<&Entry>,
    ) -> Result<Cmd, StoreError> {
        // EVAL rather than EVALSHA: the script is shorter than most entries, and a Redis that has just been restarted, and
        // knows no script, costs no second round trip.
        let settings = &self.0.settings;
        let mut command = redis::cmd("EVAL");
        command
            .arg(include_str!("swap.lua"))
            .arg(1)
            .arg(stored::name(&settings.prefix, key));
        match expected {
            Some(revision) => command.arg(&stored::beginning(revision)[..]),
            None => command.arg(""),
        };
        match new {
            Some(entry) => command.arg(stored::write(key, entry)?.as_slice()),
            None => command.arg(""),
        };
        match settings.expire_after {
            Some(time) => command.arg(time),
            None => command.arg(""),
        };
        Ok(command)
    }

    /// Makes room for a login: what no load can read would be in the way of every swap. The bytes are those that were read,
    /// absent where it is no string.
    async fn set_aside(&self, key: &Key, value: Option<&[u8]>, why: &str) -> StoreError {
        let settings = &self.0.settings;
        let name = stored::name(&settings.prefix, key);
        let mut commands = redis::pipe();
        commands
            .cmd("EVAL")
            .arg(include_str!("set_aside.lua"))
            .arg(1)
            .arg(&name)
            .arg(value);
        let link = &self.0.link;
        let answers = link.write(commands.ignore_errors(), settings.response_timeout);
        let trouble = match answers.await.map(|answers| answers.into_iter().next()) {
            Ok(Some(Ok(Value::Int(0)))) => {
                return stored::corrupt(why, "is no longer there: load again");
            }
            Ok(Some(Ok(Value::Int(number)))) => {
                let place = format!("was set aside as {:?}", format!("{name}:corrupt-{number}"));
                return stored::corrupt(why, &place);
            }
            Ok(Some(Err(error))) => Trouble::of_command(&error),
            Ok(_) => Trouble::of_answer(),
            Err(trouble) => trouble,
        };
        stored::corrupt(why, "could not be set aside").with_source(StoreError::from(trouble))
    }
}

#[async_trait]
impl TokenStore for RedisStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let mut get = redis::cmd("GET");
        get.arg(stored::name(&self.0.settings.prefix, key));
        match self.0.link.read(&get).await {
            Ok(Value::Nil) => Ok(None),
            Ok(Value::BulkString(value)) => match stored::read(key, value) {
                Stored::Entry(entry) => Ok(Some(entry)),
                Stored::Later => Err(stored::corrupt(
                    "it is of a later form",
                    "was left there for a later version",
                )),
                Stored::Foreign(value, why) => Err(self.set_aside(key, Some(&value), why).await),
            },
            Ok(_) => Err(Trouble::of_answer().into()),
            Err(Trouble::Refused(error)) if error.kind() == StoreErrorKind::Corrupt => {
                Err(self.set_aside(key, None, "it is no string").await)
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let settings = &self.0.settings;
        let command = self.swap_command(key, expected, new.as_ref());
        let mut commands = redis::pipe();
        commands.add_command(command.map_err(SwapError::Failed)?);
        let mut patience = settings.response_timeout;
        if let Some((replicas, wait)) = settings.replicas {
            commands.cmd("WAIT").arg(replicas).arg(wait);
            patience = patience.saturating_add(Duration::from_millis(wait));
        }
        let mut answers = self
            .0
            .link
            .write(commands.ignore_errors(), patience)
            .await?
            .into_iter();
        match answers.next() {
            Some(Ok(Value::Int(1))) => {}
            Some(Ok(Value::Int(0))) => return Err(SwapError::Conflict),
            Some(Err(error)) => return Err(Trouble::of_command(&error).into()),
            _ => return Err(Trouble::of_answer().into()),
        }
        match (settings.replicas, answers.next()) {
            (None, _) => Ok(()),
            (Some((wanted, _)), Some(Ok(Value::Int(have)))) if have >= i64::from(wanted) => Ok(()),
            (Some(_), _) => Err(SwapError::Unknown(StoreError::new(
                StoreErrorKind::Unavailable,
                "it was written, and too few replicas have it yet: a failover may lose it",
            ))),
        }
    }
}

#[async_trait]
impl ListKeys for RedisStore {
    /// The names are looked through step by step (`SCAN`), so that Redis serves others meanwhile: what is stored or removed while
    /// it goes on may be in the list or not.
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(listing::keys(&self.0.link, &self.0.settings.prefix).await?)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
