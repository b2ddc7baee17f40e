//! A store that is right but for one thing.

use std::{collections::BTreeMap, future::poll_fn, sync::Mutex, task::Poll};

use hallpass_store::{
    Entry, Key, ListKeys, Revision, SecretBytes, StoreError, StoreErrorKind, SwapError, TokenStore,
    async_trait,
};

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    LastWriteWins,
    ConflictStillWrites,
    IgnoresCase,
    TrimsKeys,
    CutsKeys,
    CutsBytes,
    BytesAsText,
    DrawsItsOwnRevision,
    ComparesHalfARevision,
    ComparesBytes,
    KeepsOldRevisionForSameBytes,
    StaleLoads,
    UpsertsWhereNothingIs,
    InsertOverwrites,
    RemovesWhateverIsThere,
    RemovesNothing,
    RemovesAll,
    RemembersRemoved,
    ConflictForRemovedNothing,
    NeverInsertsAgain,
    PausesBetweenCompareAndWrite,
    WritesHalfThenPauses,
    FailsOnEmpty,
    ListsRemoved,
}

pub(crate) struct WrongStore {
    wrong: Wrong,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<String, Entry>,
    before: BTreeMap<String, Option<Entry>>,
    removed: BTreeMap<String, Revision>,
}

impl WrongStore {
    pub(crate) fn new(wrong: Wrong) -> Self {
        Self {
            wrong,
            state: Mutex::default(),
        }
    }

    fn name(&self, key: &Key) -> String {
        let text = key.as_str();
        match self.wrong {
            Wrong::IgnoresCase => text.to_lowercase(),
            Wrong::TrimsKeys => text.trim_end().to_owned(),
            Wrong::CutsKeys => text.chars().take(255).collect(),
            _ => text.to_owned(),
        }
    }

    fn kept(&self, entry: Entry, before: Option<&Entry>) -> Entry {
        let bytes = entry.bytes.expose_secret();
        match self.wrong {
            Wrong::CutsBytes => {
                Entry::new(entry.revision, bytes[..bytes.len().min(65_536)].to_vec())
            }
            Wrong::BytesAsText => {
                Entry::new(entry.revision, String::from_utf8_lossy(bytes).into_owned())
            }
            Wrong::DrawsItsOwnRevision => Entry::new(Revision::from_bytes([1; 16]), bytes.to_vec()),
            Wrong::KeepsOldRevisionForSameBytes => match before {
                Some(before) if before.bytes == entry.bytes => before.clone(),
                _ => entry,
            },
            _ => entry,
        }
    }

    fn matches(
        &self,
        stored: Option<&Entry>,
        expected: Option<Revision>,
        new: Option<&Entry>,
    ) -> bool {
        let stored_revision = stored.map(|stored| stored.revision);
        let equal = stored_revision == expected;
        match self.wrong {
            Wrong::LastWriteWins => true,
            Wrong::UpsertsWhereNothingIs => equal || stored.is_none(),
            Wrong::InsertOverwrites => equal || expected.is_none(),
            Wrong::RemovesWhateverIsThere => equal || (new.is_none() && stored.is_some()),
            Wrong::ComparesHalfARevision => {
                let half = |revision: Revision| revision.to_bytes()[..8].to_vec();
                stored_revision.map(half) == expected.map(half)
            }
            Wrong::ComparesBytes => {
                equal || (stored.is_some() && stored.map(|s| &s.bytes) == new.map(|n| &n.bytes))
            }
            _ => equal,
        }
    }
}

#[async_trait]
impl TokenStore for WrongStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let name = self.name(key);
        let state = self.state.lock().unwrap();
        let entry = state.entries.get(&name).cloned();
        match self.wrong {
            Wrong::StaleLoads => Ok(state.before.get(&name).cloned().unwrap_or(entry)),
            Wrong::FailsOnEmpty if entry.is_none() => {
                Err(StoreError::new(StoreErrorKind::Other, "no such row"))
            }
            _ => Ok(entry),
        }
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let name = self.name(key);
        {
            let mut state = self.state.lock().unwrap();
            let stored = state.entries.get(&name).cloned();
            let came_back = self.wrong == Wrong::RemembersRemoved
                && stored.is_none()
                && expected.is_some()
                && state.removed.get(&name).copied() == expected;
            let never_again = self.wrong == Wrong::NeverInsertsAgain
                && expected.is_none()
                && state.removed.contains_key(&name);
            let no_removal_of_nothing =
                self.wrong == Wrong::ConflictForRemovedNothing && stored.is_none() && new.is_none();
            if never_again
                || no_removal_of_nothing
                || !(came_back || self.matches(stored.as_ref(), expected, new.as_ref()))
            {
                if let (Wrong::ConflictStillWrites, Some(new)) = (self.wrong, new) {
                    state.entries.insert(name, new);
                }
                return Err(SwapError::Conflict);
            }
            state.before.insert(name.clone(), stored);
        }
        match self.wrong {
            Wrong::PausesBetweenCompareAndWrite => pause().await,
            Wrong::WritesHalfThenPauses => {
                if let Some(new) = &new {
                    let bytes = new.bytes.expose_secret();
                    let half = SecretBytes::new(&bytes[..bytes.len() / 2]);
                    let half = Entry::new(new.revision, half);
                    self.state
                        .lock()
                        .unwrap()
                        .entries
                        .insert(name.clone(), half);
                }
                pause().await;
            }
            _ => {}
        }
        let mut state = self.state.lock().unwrap();
        match (new, self.wrong) {
            (Some(new), _) => {
                let kept = self.kept(new, state.entries.get(&name));
                state.entries.insert(name, kept);
            }
            (None, Wrong::RemovesNothing) => {}
            (None, Wrong::RemovesAll) => state.entries.clear(),
            (None, _) => {
                if let Some(removed) = state.entries.remove(&name) {
                    state.removed.insert(name, removed.revision);
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl ListKeys for WrongStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let state = self.state.lock().unwrap();
        let mut names: Vec<_> = state.entries.keys().collect();
        if self.wrong == Wrong::ListsRemoved {
            names.extend(state.removed.keys());
        }
        Ok(names.into_iter().map(Key::new).collect())
    }
}

/// Gives way once to whatever else runs.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
