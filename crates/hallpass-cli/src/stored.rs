//! What is kept of a session: one entry of the store, in which what it was begun with stands before the session's own record.

mod form;

use std::sync::Arc;

use hallpass::driver::async_trait;
use hallpass::session::{Record, RecordError};
use hallpass::store::{
    Entry, FileStore, Revision, StoreError, StoreErrorKind, SwapError, blocking,
};
use hallpass::token::SecretBytes;
use hallpass::{Key, Session, TokenStore};

use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::proof::Proof;

/// What is kept of a session.
pub(crate) struct Stored {
    /// What it was begun with.
    pub(crate) account: Account,
    /// Its tokens, and how their refresh stands.
    pub(crate) record: Record,
    /// What it was begun with, as it is written.
    head: SecretBytes,
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
        let head = form::split(&entry.bytes).map_or(&[][..], |(head, _)| head);
        let head = SecretBytes::new(head);
        let record = Record::decode(&record).map_err(|error| match error {
            RecordError::Newer(form) => Unreadable::Newer(form),
            _ => Unreadable::Damaged,
        })?;
        Ok(Some(Self {
            account,
            record,
            head,
        }))
    }

    /// What is kept under this name, where there has to be something.
    pub(crate) fn found(store: &FileStore, name: &Name) -> Result<Self, Failure> {
        let stored = Self::load(store, name).map_err(|error| error.of(name))?;
        stored.ok_or_else(|| nobody(name))
    }

    /// The session, to go on with.
    pub(crate) fn session(
        &self,
        store: FileStore,
        name: &Name,
        proof: &Proof,
    ) -> Result<Session, Failure> {
        let store = AccountStore {
            files: store,
            head: self.head.clone(),
            purpose: Purpose::GoOn,
        };
        self.account.session(Arc::new(store), name, proof)
    }

    /// A session of this account, to begin under this name.
    pub(crate) fn begin(
        account: &Account,
        store: FileStore,
        name: &Name,
        proof: &Proof,
    ) -> Result<Session, Failure> {
        let store = AccountStore {
            files: store,
            head: SecretBytes::new(form::head(account)),
            purpose: Purpose::Begin,
        };
        account.session(Arc::new(store), name, proof)
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
struct AccountStore {
    files: FileStore,
    head: SecretBytes,
    purpose: Purpose,
}

/// What the session is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To write a login over whatever is there.
    Begin,
    /// To use what is there, as long as it was begun with the same.
    GoOn,
}

impl AccountStore {
    /// The session's own part of an entry.
    fn record(&self, entry: Entry) -> Result<Entry, StoreError> {
        match (form::split(&entry.bytes), self.purpose) {
            (Some((head, record)), _) if head == self.head.expose_secret() => {
                Ok(Entry::new(entry.revision, SecretBytes::new(record)))
            }
            // A refresh with the key or the client of the login before would end this one.
            (_, Purpose::GoOn) => Err(StoreError::new(
                StoreErrorKind::Busy,
                "somebody logged in anew at this moment",
            )),
            // None of the session's records, but known by its revision: what a login is written over.
            (_, Purpose::Begin) => Ok(entry),
        }
    }
}

#[async_trait]
impl TokenStore for AccountStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let entry = TokenStore::load(&self.files, key).await?;
        entry.map(|entry| self.record(entry)).transpose()
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let new = new.map(|entry| {
            let bytes = form::encode(self.head.expose_secret(), &entry.bytes);
            Entry::new(entry.revision, bytes)
        });
        TokenStore::swap(&self.files, key, expected, new).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(files: &FileStore, head: &[u8], purpose: Purpose) -> AccountStore {
        AccountStore {
            files: files.clone(),
            head: SecretBytes::new(head),
            purpose,
        }
    }

    #[test]
    fn nobody_goes_on_with_a_login_that_was_begun_with_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileStore::open(folder.path().join("sessions")).unwrap();
        let (old, new) = (
            store(&files, b"old", Purpose::GoOn),
            store(&files, b"new", Purpose::Begin),
        );
        let key = Key::new("default");
        let [first, second] = [[1; 16], [2; 16]].map(Revision::from_bytes);
        let entry = |revision| Some(Entry::new(revision, b"record".to_vec()));
        crate::runtime::wait(async {
            old.swap(&key, None, entry(first)).await.unwrap();
            assert_eq!(old.load(&key).await.unwrap(), entry(first));
            let there = new.load(&key).await.unwrap().unwrap();
            assert_eq!(
                (there.revision, there.bytes.expose_secret()),
                (first, &b"old\nrecord"[..])
            );
            new.swap(&key, Some(first), entry(second)).await.unwrap();
            assert_eq!(new.load(&key).await.unwrap(), entry(second));
            let refused = old.load(&key).await.unwrap_err();
            assert_eq!(refused.kind(), StoreErrorKind::Busy);
            Ok(())
        })
        .unwrap();
    }
}
