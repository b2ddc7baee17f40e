//! How a store is set up.

use std::{fmt, time::Duration};

use hallpass_store::{StoreError, StoreErrorKind};
use redis::{Client, IntoConnectionInfo, io::tcp::socket2::TcpKeepalive};

use crate::{RedisStore, link::Link, store::Settings};

const PREFIX: &str = "hallpass:";
const TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than what firewalls forget a silent connection after.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Redis counts milliseconds in a signed 64-bit number and adds the time of day to them.
const LONGEST: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);

/// Sets up a [`RedisStore`]; every setting has a default.
///
/// `Debug` shows the settings, and nothing of the address: it may hold a password.
#[must_use]
pub struct Builder {
    client: Result<Client, StoreError>,
    prefix: String,
    connect_timeout: Duration,
    response_timeout: Duration,
    expire_after: Option<Duration>,
    replicas: Option<(u32, Duration)>,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        Self::with(client(url))
    }

    pub(crate) fn with(client: Result<Client, StoreError>) -> Self {
        Self {
            client,
            prefix: PREFIX.to_owned(),
            connect_timeout: TIMEOUT,
            response_timeout: TIMEOUT,
            expire_after: None,
            replicas: None,
        }
    }

    /// How every name in Redis begins; `hallpass:` where nothing else is said. Two stores with different prefixes
    /// share nothing.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long making a connection may take, TLS and password included; 5 seconds where nothing else is said.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long an answer may take; 5 seconds where nothing else is said. A swap that takes longer is
    /// [`SwapError::Unknown`](hallpass_store::SwapError::Unknown).
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Entries that nobody has swapped for this long are removed by Redis; they stay for ever where nothing is said.
    /// Every swap begins the time anew, a load does not. Choose a time longer than a session may rest unused and than
    /// its refresh token lives: a session whose entry has expired has to be asked for again. Milliseconds count; from 1 ms to 1,000 years.
    pub fn expire_after(mut self, time: Duration) -> Self {
        self.expire_after = Some(time);
        self
    }

    /// A swap is answered only when so many replicas have it too (Redis' `WAIT`), and is
    /// [`SwapError::Unknown`](hallpass_store::SwapError::Unknown) where they have not within `patience`. It makes it
    /// unlikely that a failover loses an acknowledged swap, not impossible. The swaps of one store take turns
    /// meanwhile. None where nothing is said; `patience` from 1 ms to 1,000 years.
    pub fn wait_for_replicas(mut self, replicas: u32, patience: Duration) -> Self {
        self.replicas = Some((replicas, patience));
        self
    }

    /// The store. It connects when it is used for the first time.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] where the address is not one of Redis, or a time is out of its range.
    pub fn build(self) -> Result<RedisStore, StoreError> {
        let client = self.client?;
        for time in [self.connect_timeout, self.response_timeout] {
            milliseconds(time)?;
        }
        let replicas = self
            .replicas
            .map(|(replicas, patience)| Ok::<_, StoreError>((replicas, milliseconds(patience)?)));
        let settings = Settings {
            prefix: self.prefix,
            expire_after: self.expire_after.map(milliseconds).transpose()?,
            replicas: replicas.transpose()?,
            response_timeout: self.response_timeout,
        };
        let link = Link::new(client, self.connect_timeout, self.response_timeout);
        Ok(RedisStore::new(link, settings))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("prefix", &self.prefix)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("expire_after", &self.expire_after)
            .field("replicas", &self.replicas)
            .finish_non_exhaustive()
    }
}

/// The parser's own error may repeat the address, and the password in it.
fn client(url: &str) -> Result<Client, StoreError> {
    let other = |message| StoreError::new(StoreErrorKind::Other, message);
    if !cfg!(feature = "tls") && url.starts_with("rediss:") {
        return Err(other(
            "`rediss://` needs the feature `tls` of hallpass-store-redis",
        ));
    }
    let client = url.into_connection_info().and_then(|address| {
        let tcp = address.tcp_settings().clone();
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE);
        Client::open(address.set_tcp_settings(tcp.set_nodelay(true).set_keepalive(keepalive)))
    });
    client.map_err(|_| {
        other("the address is not one of Redis, such as `rediss://user:password@host:6379/0` or `redis+unix:///path`")
    })
}

fn milliseconds(time: Duration) -> Result<u64, StoreError> {
    let whole = u64::try_from(time.as_millis()).ok();
    match whole.filter(|whole| *whole > 0 && time <= LONGEST) {
        Some(whole) => Ok(whole),
        None => Err(StoreError::new(
            StoreErrorKind::Other,
            format!("a time of {time:?} is not between 1 ms and 1,000 years"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_and_not_repeated() {
        for url in [
            "",
            "nowhere",
            "http://canary-user:canary-password@host/",
            "redis://canary-user:canary-password@host:99999/",
            "redis://:canary-password@host/not-a-number",
            "rediss://canary-user:canary-password@ host/",
        ] {
            let error = RedisStore::open(url).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Other, "{url}");
            assert!(error.to_string().contains("rediss://"), "{error}");
            let told = format!("{error} {error:?}");
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn nothing_shows_the_password() {
        let builder = RedisStore::builder("redis://canary-user:canary-password@canary-host/");
        let told = format!("{builder:?}");
        assert!(told.contains("hallpass:"), "{told}");
        let told = format!("{told} {:?}", builder.build().unwrap());
        assert!(!told.contains("canary"), "{told}");
    }

    #[test]
    fn a_time_that_redis_cannot_count_is_refused() {
        let builder = || RedisStore::builder("redis://localhost");
        for time in [Duration::ZERO, Duration::from_micros(999), Duration::MAX] {
            for builder in [
                builder().expire_after(time),
                builder().wait_for_replicas(1, time),
                builder().connect_timeout(time),
                builder().response_timeout(time),
            ] {
                let error = builder.build().unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Other, "{time:?}");
            }
        }
        for time in [Duration::from_millis(1), LONGEST] {
            assert!(builder().expire_after(time).build().is_ok(), "{time:?}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn an_address_with_tls_names_the_feature_that_is_missing() {
        let error = RedisStore::open("rediss://localhost").unwrap_err();
        assert!(error.to_string().contains("the feature `tls`"), "{error}");
    }
}
