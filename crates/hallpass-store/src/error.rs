//! What can go wrong in a store, who is to blame and what to do next.

use std::{borrow::Cow, error, fmt, sync::Arc};

/// A store could not do what it was asked.
///
/// [`kind`](Self::kind) says who is to blame and whether another try may help; the text says
/// the same in words, and `source` is what the system answered. None of them ever holds the text of
/// a key or a stored byte, and an implementor's messages must not either.
///
/// ```
/// use hallpass_store::{StoreError, StoreErrorKind};
///
/// let error = StoreError::new(StoreErrorKind::Unavailable, "the database did not answer");
/// assert_eq!(
///     error.to_string(),
///     "the database did not answer; what the store stands on failed: try again"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct StoreError(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: StoreErrorKind,
    message: Cow<'static, str>,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

impl StoreError {
    /// What happened, in words that hold neither the key's text nor a stored byte.
    pub fn new(kind: StoreErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    /// Adds what the system below answered. Drivers that put statements or addresses with
    /// passwords into their errors must be stripped of them first.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::from(source.into()));
        self
    }

    /// Who is to blame, and so what to do next.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.0.message, self.0.kind.advice())
    }
}

impl error::Error for StoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

/// Who is to blame for a [`StoreError`], and so what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// What the store stands on (a disk, a server, a connection) failed. Another try may help.
    Unavailable,
    /// What is stored cannot be read: torn, changed by something else, or written by a later
    /// version. A store that can has set it aside and says where; it never deletes it.
    Corrupt,
    /// The store's place is not permitted or not safe to use (permissions, another owner, a link or
    /// a pipe where a file should be), or it is encrypted and this is not its encryption key. Somebody has to mend it; another
    /// try does not help.
    Refused,
    /// Another holder kept the entry locked for longer than this store waits. Another try may help.
    Busy,
    /// None of the above; the message says what.
    Other,
}

impl StoreErrorKind {
    const fn advice(self) -> &'static str {
        match self {
            Self::Unavailable => "what the store stands on failed: try again",
            Self::Corrupt => {
                "it was damaged, or written by a later version: ask for consent again, or restore it"
            }
            Self::Refused => {
                "the store's place or key is not safe or not permitted: mend its owner, permissions, kind or key"
            }
            Self::Busy => "another holder has it: try again",
            Self::Other => "trying again does not help by itself",
        }
    }
}

/// A swap did not answer that it was written.
///
/// There are these three and there will be no fourth: a caller has to know for each of them whether
/// its write is there. That is why no `From<StoreError>` exists: a `?` would choose for you.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SwapError {
    /// What is stored does not have the expected revision. Nothing was written: load, and decide anew.
    #[error("what is stored does not have the expected revision: load it, and decide anew")]
    Conflict,
    /// Nothing was written, surely.
    #[error("nothing was written: {0}")]
    Failed(#[source] StoreError),
    /// It may have been written. Load, and look for your own revision.
    #[error("it may have been written, load it and look for your own revision: {0}")]
    Unknown(#[source] StoreError),
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn an_error_says_what_happened_and_what_to_do() {
        let error = StoreError::new(StoreErrorKind::Busy, "no lock within 5 s");
        assert_eq!(
            error.to_string(),
            "no lock within 5 s; another holder has it: try again"
        );
        assert_eq!(error.kind(), StoreErrorKind::Busy);
        assert!(error.source().is_none());
    }

    #[test]
    fn the_source_is_what_the_system_answered() {
        let error = StoreError::new(StoreErrorKind::Unavailable, "cannot write")
            .with_source(std::io::Error::other("no space"));
        assert_eq!(error.source().unwrap().to_string(), "no space");
        let swap = SwapError::Unknown(error);
        assert!(swap.to_string().contains("look for your own revision"));
        assert_eq!(
            swap.source().unwrap().source().unwrap().to_string(),
            "no space"
        );
    }

    #[test]
    fn every_kind_gives_its_own_advice() {
        let kinds = [
            StoreErrorKind::Unavailable,
            StoreErrorKind::Corrupt,
            StoreErrorKind::Refused,
            StoreErrorKind::Busy,
            StoreErrorKind::Other,
        ];
        let advice: std::collections::BTreeSet<_> = kinds.map(StoreErrorKind::advice).into();
        assert_eq!(advice.len(), kinds.len());
    }
}
