//! The session middleware's store, on top of any token store.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use hallpass::{
    Key, TokenStore,
    store::{Entry, Revision, SwapError},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Web sessions in a [`TokenStore`].
///
/// The middleware knows no revisions: it loads a session when a request begins and saves the whole of it at the end, so of two requests
/// at once the later one wins. What compare-and-swap gives it all the same: a session that was ended stays
/// ended, whatever a request that began before saves; and a new session is never put over another.
#[derive(Clone)]
pub struct WebSessions {
    store: Arc<dyn TokenStore>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    data: HashMap<String, serde_json::Value>,
    /// Seconds since 1970.
    expires_at: i64,
}

impl WebSessions {
    /// Sessions in this store; their keys begin with `web session`.
    pub fn new(store: Arc<dyn TokenStore>) -> Self {
        Self { store }
    }

    async fn stored(&self, key: &Key) -> Result<Option<Entry>> {
        self.store.load(key).await.map_err(backend)
    }

    /// Whether it was written; `false`: somebody else wrote first.
    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<bool> {
        let wanted = new.as_ref().map(|new| new.revision);
        match self.store.swap(key, expected, new).await {
            Ok(()) => Ok(true),
            Err(SwapError::Conflict) => Ok(false),
            Err(SwapError::Failed(error)) => Err(backend(error)),
            // It may have been written: then our own revision is there.
            Err(SwapError::Unknown(_)) => {
                let found = self.stored(key).await?.map(|found| found.revision);
                Ok(found == wanted)
            }
        }
    }
}

#[async_trait]
impl SessionStore for WebSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        for _ in 0..ATTEMPTS {
            if self
                .swap(&key(&record.id), None, Some(entry(record)?))
                .await?
            {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(contended())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let key = key(&record.id);
        for _ in 0..ATTEMPTS {
            let Some(before) = self.stored(&key).await? else {
                // It was ended while this request was under way.
                return Ok(());
            };
            let new = Some(entry(record)?);
            if self.swap(&key, Some(before.revision), new).await? {
                return Ok(());
            }
        }
        Err(contended())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let key = key(id);
        let Some(found) = self.stored(&key).await? else {
            return Ok(None);
        };
        let stored: Stored = serde_json::from_slice(found.bytes.expose_secret())
            .map_err(|_| Error::Decode("a session that this program did not write".to_owned()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(stored.expires_at)
            .map_err(|_| Error::Decode("a session that ends in no year".to_owned()))?;
        if expiry_date <= OffsetDateTime::now_utc() {
            // Whether it goes now or the next time: it is not handed out.
            let _ = self.swap(&key, Some(found.revision), None).await;
            return Ok(None);
        }
        Ok(Some(Record {
            id: *id,
            data: stored.data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = key(id);
        for _ in 0..ATTEMPTS {
            let Some(before) = self.stored(&key).await? else {
                return Ok(());
            };
            if self.swap(&key, Some(before.revision), None).await? {
                return Ok(());
            }
        }
        Err(contended())
    }
}

const ATTEMPTS: usize = 16;

/// Who can list the keys must not have the cookies: they hold the hash of what the cookie holds.
fn key(id: &Id) -> Key {
    let hash = Key::new(id.to_string()).sha256_hex();
    Key::new(format!("web session\n{hash}"))
}

fn entry(record: &Record) -> Result<Entry> {
    let mut revision = [0; 16];
    getrandom::fill(&mut revision).map_err(|error| Error::Backend(error.to_string()))?;
    let stored = Stored {
        data: record.data.clone(),
        expires_at: record.expiry_date.unix_timestamp(),
    };
    let bytes = serde_json::to_vec(&stored).map_err(|error| Error::Encode(error.to_string()))?;
    Ok(Entry::new(Revision::from_bytes(revision), bytes))
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn contended() -> Error {
    Error::Backend("others came first at each of 16 attempts".to_owned())
}

impl fmt::Debug for WebSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSessions")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use hallpass::store::{MemoryStore, StoreError, StoreErrorKind};
    use time::Duration;

    use super::*;

    fn record(value: &str) -> Record {
        Record {
            id: Id::default(),
            data: HashMap::from([("name".to_owned(), value.into())]),
            expiry_date: OffsetDateTime::now_utc() + Duration::minutes(5),
        }
    }

    fn sessions() -> WebSessions {
        WebSessions::new(Arc::new(MemoryStore::new()))
    }

    #[tokio::test]
    async fn what_was_saved_last_is_loaded_from_any_handle() {
        let (sessions, mut session) = (sessions(), record("ada"));
        sessions.create(&mut session).await.unwrap();
        session.data.insert("name".to_owned(), "ada l.".into());
        sessions.clone().save(&session).await.unwrap();
        let loaded = sessions.load(&session.id).await.unwrap().unwrap();
        assert_eq!(loaded.data, session.data);
    }

    #[tokio::test]
    async fn a_session_that_was_ended_stays_ended_whatever_is_saved_later() {
        let (sessions, mut session) = (sessions(), record("ada"));
        sessions.create(&mut session).await.unwrap();
        sessions.delete(&session.id).await.unwrap();
        sessions.save(&session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_new_session_is_never_put_over_another() {
        let (sessions, mut first) = (sessions(), record("ada"));
        sessions.create(&mut first).await.unwrap();
        let mut second = record("bob");
        second.id = first.id;
        sessions.create(&mut second).await.unwrap();
        assert_ne!(second.id, first.id);
        let loaded = sessions.load(&first.id).await.unwrap().unwrap();
        assert_eq!(loaded.data, first.data);
    }

    #[tokio::test]
    async fn a_session_past_its_end_is_not_handed_out() {
        let (sessions, mut session) = (sessions(), record("ada"));
        session.expiry_date = OffsetDateTime::now_utc() - Duration::seconds(1);
        sessions.create(&mut session).await.unwrap();
        assert_eq!(sessions.load(&session.id).await.unwrap(), None);
    }

    /// Writes, and loses the first answer.
    #[derive(Default)]
    struct LosesAnAnswer(MemoryStore, AtomicBool);

    #[async_trait]
    impl TokenStore for LosesAnAnswer {
        async fn load(&self, key: &Key) -> std::result::Result<Option<Entry>, StoreError> {
            TokenStore::load(&self.0, key).await
        }

        async fn swap(
            &self,
            key: &Key,
            expected: Option<Revision>,
            new: Option<Entry>,
        ) -> std::result::Result<(), SwapError> {
            TokenStore::swap(&self.0, key, expected, new).await?;
            if self.1.swap(true, Ordering::Relaxed) {
                return Ok(());
            }
            let lost = StoreError::new(StoreErrorKind::Unavailable, "the answer was lost");
            Err(SwapError::Unknown(lost))
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_cleared_up_and_the_session_keeps_its_id() {
        let sessions = WebSessions::new(Arc::new(LosesAnAnswer::default()));
        let mut session = record("ada");
        let id = session.id;
        sessions.create(&mut session).await.unwrap();
        assert_eq!(session.id, id);
        assert!(sessions.load(&id).await.unwrap().is_some());
    }
}
