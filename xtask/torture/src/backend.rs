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

/// Where sessions are kept, and how to get there from another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A folder on this machine.
    File(PathBuf),
    /// The same with a store that says of a write that it is done, and does it later: what tells this apart from an honest
    /// store is what the harness is for.
    Lying(PathBuf),
}

impl Backend {
    /// What the table calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Backend::File(_) => "file",
            Backend::Lying(_) => "lying",
        }
    }

    pub(crate) fn read(text: &str) -> Result<Backend, String> {
        match text.split_once(':') {
            Some(("file", folder)) => Ok(Backend::File(folder.into())),
            Some(("lying", folder)) => Ok(Backend::Lying(folder.into())),
            _ => Err(format!("`{text}` is no store")),
        }
    }

    /// Opens it, as every process does for itself.
    pub(crate) async fn open(&self) -> Result<Arc<dyn TokenStore>, String> {
        match self {
            Backend::File(folder) => Ok(Arc::new(open(folder)?)),
            Backend::Lying(folder) => Ok(Arc::new(Liar(open(folder)?))),
        }
    }

    /// What the store itself finds that it cannot read.
    pub(crate) fn unreadable(&self) -> Result<Vec<String>, String> {
        match self {
            Backend::File(folder) | Backend::Lying(folder) => {
                let store = open(folder)?;
                let found = store.unreadable().map_err(|error| error.to_string())?;
                Ok(found.iter().map(ToString::to_string).collect())
            }
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backend::File(folder) => write!(f, "file:{}", folder.display()),
            Backend::Lying(folder) => write!(f, "lying:{}", folder.display()),
        }
    }
}

fn open(folder: &Path) -> Result<FileStore, String> {
    FileStore::open(folder).map_err(|error| error.to_string())
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
