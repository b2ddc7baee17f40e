//! A store that does something odd when it is told to.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use hallpass_grant::token::TokenSet;
use hallpass_session::{Key, Login, Owner, Record, TokenStore};
use hallpass_store::{Entry, MemoryStore, Revision, StoreError, StoreErrorKind, SwapError};
use time::UtcDateTime;

use super::{NOW, client};

/// A memory store that does something odd at its next swaps, if it is told to.
#[derive(Default)]
pub(crate) struct Shelf {
    memory: MemoryStore,
    odds: Mutex<VecDeque<Odd>>,
    always: Mutex<Option<Odd>>,
    loads: Mutex<usize>,
}

/// What happens at one swap.
#[derive(Clone)]
pub(crate) enum Odd {
    /// Nothing odd.
    Not,
    /// Writes nothing and says so.
    Fails,
    /// Writes, and says that it does not know.
    ForgetsToAnswer,
    /// Writes, and says that it does not know; by then somebody has logged out.
    ForgetsToAnswerUntilTheLogout,
    /// Another holder has refreshed just before.
    Overtaken(TokenSet),
    /// Somebody has logged out just before.
    LoggedOut,
    /// Somebody else always writes first.
    AlwaysOvertaken,
}

impl Shelf {
    /// What happens at the next swaps, in order.
    pub(crate) fn next_swaps(&self, odds: impl IntoIterator<Item = Odd>) {
        self.odds.lock().unwrap().extend(odds);
    }

    /// What happens at every swap from now on that was not spoken of.
    pub(crate) fn all_swaps(&self, odd: Option<Odd>) {
        *self.always.lock().unwrap() = odd;
    }

    /// How often it was read.
    pub(crate) fn loads(&self) -> usize {
        *self.loads.lock().unwrap()
    }

    /// What is there.
    pub(crate) async fn record(&self, key: &str) -> Option<Record> {
        let entry = TokenStore::load(&self.memory, &Key::new(key)).await;
        let entry = entry.unwrap()?;
        Some(Record::decode(&entry.bytes).unwrap())
    }

    /// Another holder refreshes the session.
    pub(crate) async fn replace_with(&self, theirs: TokenSet) {
        self.replace(&Key::new("alice"), Some(theirs)).await;
    }

    async fn replace(&self, key: &Key, theirs: Option<TokenSet>) {
        let entry = TokenStore::load(&self.memory, key).await.unwrap();
        let login = entry.as_ref().map_or(Login::UNKNOWN, |entry| {
            Record::decode(&entry.bytes).unwrap().login
        });
        let theirs = theirs.map(|tokens| {
            let now = UtcDateTime::from_unix_timestamp(NOW).unwrap();
            let record = Record::new(Owner::from(&client("client")), login, tokens, now);
            Entry::new(Revision::from_bytes([9; 16]), record.encode())
        });
        let expected = entry.map(|entry| entry.revision);
        TokenStore::swap(&self.memory, key, expected, theirs)
            .await
            .unwrap();
    }
}

#[async_trait]
impl TokenStore for Shelf {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        *self.loads.lock().unwrap() += 1;
        tokio::task::yield_now().await;
        TokenStore::load(&self.memory, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        tokio::task::yield_now().await;
        let broken = || StoreError::new(StoreErrorKind::Unavailable, "the disk is full");
        let odd = self.odds.lock().unwrap().pop_front();
        let odd = odd.or_else(|| self.always.lock().unwrap().clone());
        match &odd {
            Some(Odd::AlwaysOvertaken) => return Err(SwapError::Conflict),
            Some(Odd::Fails) => return Err(SwapError::Failed(broken())),
            Some(Odd::Overtaken(theirs)) => self.replace(key, Some(theirs.clone())).await,
            Some(Odd::LoggedOut) => self.replace(key, None).await,
            Some(Odd::Not | Odd::ForgetsToAnswer | Odd::ForgetsToAnswerUntilTheLogout) | None => {}
        }
        TokenStore::swap(&self.memory, key, expected, new).await?;
        match odd {
            Some(Odd::ForgetsToAnswer) => Err(SwapError::Unknown(broken())),
            Some(Odd::ForgetsToAnswerUntilTheLogout) => {
                self.replace(key, None).await;
                Err(SwapError::Unknown(broken()))
            }
            _ => Ok(()),
        }
    }
}
