//! What is kept of a session: one entry of the store, in which what it was begun with stands before the session's own record.

mod form;

use hallpass::driver::async_trait;
use hallpass::session::{Record, RecordError};
use hallpass::store::{
    Entry, FileStore, Revision, StoreError, StoreErrorKind, SwapError, blocking,
};
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

/// Why what is kept cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It is no session of this program's: damaged, or something else's. A login may be written over it.
    Damaged,
    /// A newer release wrote it.
    Newer(u32),
    /// The store does not give it.
    Store(StoreError),
}

impl Stored {
    /// What is kept under this name. `None`: nothing is.
    pub(crate) fn load(store: &FileStore, name: &Name) -> Result<Option<Self>, Unreadable> {
        let Some(entry) = blocking::TokenStore::load(store, &name.key())? else {
            return Ok(None);
        };
        let (account, record) = form::decode(&entry.bytes)?;
        let record = Record::decode(&record).map_err(|error| match error {
            RecordError::Newer(form) => Unreadable::Newer(form),
            _ => Unreadable::Damaged,
        })?;
        Ok(Some(Self { account, record }))
    }

    /// What is kept under this name, where there has to be something.
    pub(crate) fn found(store: &FileStore, name: &Name) -> Result<Self, Failure> {
        let stored = Self::load(store, name).map_err(|error| error.of(name))?;
        stored.ok_or_else(|| nobody(name))
    }

    /// Removes whatever is kept under this name.
    pub(crate) fn remove(store: &FileStore, name: &Name) -> Result<(), Failure> {
        for _ in 0..MOST_TRIES {
            let Some(entry) = blocking::TokenStore::load(store, &name.key())? else {
                return Ok(());
            };
            match blocking::TokenStore::swap(store, &name.key(), Some(entry.revision), None) {
                // Where nobody knows whether it was removed, the next look tells.
                Ok(()) | Err(SwapError::Conflict | SwapError::Unknown(_)) => {}
                Err(SwapError::Failed(error)) => return Err(error.into()),
            }
        }
        Err(
            Failure::new(Exit::Store, format!("others write `{name}` all the time"))
                .next("try again"),
        )
    }
}

const MOST_TRIES: usize = 16;

/// Nothing is kept under this name.
pub(crate) fn nobody(name: &Name) -> Failure {
    Failure::new(
        Exit::NotLoggedIn,
        format!("nobody is logged in as `{name}`"),
    )
    .next(format!("hallpass login{} ISSUER", name.option()))
}

impl Unreadable {
    /// Whether a login may be written over it.
    pub(crate) fn is_damaged(&self) -> bool {
        match self {
            Self::Damaged => true,
            // The store has set it aside.
            Self::Store(error) => error.kind() == StoreErrorKind::Corrupt,
            Self::Newer(_) => false,
        }
    }

    /// The same as a failure of the session of this name.
    pub(crate) fn of(self, name: &Name) -> Failure {
        let login = format!("log in again: hallpass login{} ISSUER", name.option());
        match self {
            Self::Damaged => Failure::new(
                Exit::Store,
                format!("what is stored of `{name}` is no session: look at what else writes there; it was left as it is"),
            )
            .next(login),
            Self::Newer(form) => Failure::new(
                Exit::Store,
                format!("a newer release of hallpass wrote the session `{name}` (form {form})"),
            )
            .next("update this program"),
            Self::Store(error) if error.kind() == StoreErrorKind::Corrupt => {
                Failure::from(error).next(login)
            }
            Self::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Unreadable {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
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
