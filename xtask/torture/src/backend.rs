//! The store of a run, as a text that a worker is started with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hallpass_store::{FileStore, TokenStore};

/// Where sessions are kept, and how to get there from another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A folder on this machine.
    File(PathBuf),
}

impl Backend {
    /// What the table calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Backend::File(_) => "file",
        }
    }

    pub(crate) fn file(folder: &Path) -> Backend {
        Backend::File(folder.to_owned())
    }

    pub(crate) fn read(text: &str) -> Result<Backend, String> {
        match text.split_once(':') {
            Some(("file", folder)) => Ok(Backend::File(folder.into())),
            _ => Err(format!("`{text}` is no store")),
        }
    }

    /// Opens it, as every process does for itself.
    pub(crate) async fn open(&self) -> Result<Arc<dyn TokenStore>, String> {
        match self {
            Backend::File(folder) => {
                let store = FileStore::open(folder).map_err(|error| error.to_string())?;
                Ok(Arc::new(store))
            }
        }
    }

    /// What the store itself finds that it cannot read.
    pub(crate) fn unreadable(&self) -> Result<Vec<String>, String> {
        match self {
            Backend::File(folder) => {
                let store = FileStore::open(folder).map_err(|error| error.to_string())?;
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
        }
    }
}
