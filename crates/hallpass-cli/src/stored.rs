//! What is kept of a session: one entry of the store, in which what it was begun with stands before the session's own record.

mod form;

use hallpass::driver::async_trait;
use hallpass::session::Record;

use hallpass::store::{Entry, FileStore, Revision, StoreError, SwapError, blocking};
use hallpass::{Key, TokenStore};

use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;

/// What is kept of a session.
pub(crate) struct Stored {
    /// What it was begun with.
    pub(crate) account: Account,
    /// Its tokens, and how their refresh stands.
    pub(crate) record: Record,
}

impl Stored {
    /// What is kept under this name. `None`: nothing is.
    pub(crate) fn load(store: &FileStore, name: &Name) -> Result<Option<Self>, Failure> {
        let Some(entry) = blocking::TokenStore::load(store, &name.key())? else {
            return Ok(None);
        };
        let (account, record) = form::decode(&entry.bytes)?;
        let record = Record::decode(&record).map_err(|error| {
            Failure::new(Exit::Store, error.to_string()).next("log in again: hallpass login")
        })?;
        Ok(Some(Self { account, record }))
    }

    /// What is kept under this name, where there has to be something.
    pub(crate) fn found(store: &FileStore, name: &Name) -> Result<Self, Failure> {
        Self::load(store, name)?.ok_or_else(|| {
            Failure::new(
                Exit::NotLoggedIn,
                format!("nobody is logged in as `{name}`"),
            )
            .next(format!("hallpass login{} ISSUER", name.option()))
        })
    }
}

/// The store of one session: what the session writes is kept with what it was begun with, in one entry, so that the one is never there
/// without the other.
pub(crate) struct AccountStore {
    files: FileStore,
    account: Account,
}

impl AccountStore {
    pub(crate) fn new(files: FileStore, account: Account) -> Self {
        Self { files, account }
    }
}

#[async_trait]
impl TokenStore for AccountStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let entry = TokenStore::load(&self.files, key).await?;
        Ok(entry.map(|entry| match form::record(&entry.bytes) {
            Some(record) => Entry::new(entry.revision, record),
            // The session sees that it is none of its records, and still knows what a login is written over.
            None => entry,
        }))
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let new = new.map(|entry| {
            let bytes = form::encode(&self.account, &entry.bytes);
            Entry::new(entry.revision, bytes)
        });
        TokenStore::swap(&self.files, key, expected, new).await
    }
}
