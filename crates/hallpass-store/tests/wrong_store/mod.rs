//! A store that is right but for one thing.

use std::{
    collections::{BTreeMap, VecDeque},
    future::{pending, poll_fn},
    sync::Mutex,
    task::Poll,
};

use hallpass_store::{
    Entry, Key, ListKeys, Revision, SecretBytes, StoreError, StoreErrorKind, SwapError, TokenStore,
    async_trait, conformance::Loss,
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
    ListsOnePage,
    NeverReplaces,
    CachesLoads,
    ReplacesWhateverIsThere,
    RemovesByKeyAlone,
    RemovesByPrefix,
    CutsAtAMillion,
    PausesBeforeReplacing,
    PausesBeforeRemoving,
    LoadsInTwoSteps,
    KeepsItsLock,
    TwoStepsWithoutAPause,
    SaysFailedThoughWritten,
    SaysOkThoughLost,
    SendsAgain,
    WritesAfterALoad,
    LeavesAnAnswerToTheNext,
    DroppedLoadKeepsItsConnection,
    DroppedLoadKeepsItForEver,
    WritesTheWholeDocument,
    ForgetsBeyondFiveHundred,
    ForgetsBeyondAThousand,
}

impl Wrong {
    /// Whether a swap gives up its lock between the comparison and the write.
    fn has_steps(self) -> bool {
        matches!(
            self,
            Wrong::PausesBetweenCompareAndWrite
                | Wrong::PausesBeforeReplacing
                | Wrong::PausesBeforeRemoving
                | Wrong::WritesHalfThenPauses
                | Wrong::KeepsItsLock
                | Wrong::TwoStepsWithoutAPause
                | Wrong::WritesTheWholeDocument
        )
    }
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
    cached: BTreeMap<String, Option<Entry>>,
    locked: bool,
    loss: Option<Loss>,
    late: Option<(String, Option<Entry>)>,
    answers: VecDeque<Option<Entry>>,
    connection_is_taken: bool,
    written: VecDeque<String>,
}

impl WrongStore {
    pub(crate) fn new(wrong: Wrong) -> Self {
        Self {
            wrong,
            state: Mutex::default(),
        }
    }

    pub(crate) fn lose_answer(&self, loss: Loss) {
        self.state.lock().unwrap().loss = Some(loss);
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
            Wrong::CutsAtAMillion => {
                Entry::new(entry.revision, bytes[..bytes.len().min(1_000_000)].to_vec())
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
            Wrong::NeverReplaces => equal && (stored.is_none() || new.is_none()),
            Wrong::ReplacesWhateverIsThere => {
                equal || (new.is_some() && stored.is_some() && expected.is_some())
            }
            Wrong::RemovesByKeyAlone => {
                equal || (new.is_none() && stored.is_some() && expected.is_some())
            }
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

    fn writes(&self, state: &mut State, name: String, new: Option<Entry>) {
        state.locked = false;
        match (new, self.wrong) {
            (Some(new), _) => {
                let kept = self.kept(new, state.entries.get(&name));
                state.entries.insert(name.clone(), kept);
                self.forgets(state, name);
            }
            (None, Wrong::RemovesNothing) => {}
            (None, Wrong::RemovesAll) => state.entries.clear(),
            (None, Wrong::RemovesByPrefix) => {
                state.entries.retain(|other, _| !other.starts_with(&name));
            }
            (None, _) => {
                if let Some(removed) = state.entries.remove(&name) {
                    state.removed.insert(name, removed.revision);
                }
            }
        }
    }

    fn forgets(&self, state: &mut State, written: String) {
        let limit = match self.wrong {
            Wrong::ForgetsBeyondFiveHundred => 500,
            Wrong::ForgetsBeyondAThousand => 1_024,
            _ => return,
        };
        state.written.retain(|other| *other != written);
        state.written.push_back(written);
        if state.written.len() > limit
            && let Some(oldest) = state.written.pop_front()
        {
            state.entries.remove(&oldest);
        }
    }

    /// There is one.
    async fn takes_the_connection(&self) -> Result<(), StoreError> {
        for _ in 0..1_000 {
            if !std::mem::replace(&mut self.state.lock().unwrap().connection_is_taken, true) {
                return Ok(());
            }
            pause().await;
        }
        if self.wrong == Wrong::DroppedLoadKeepsItForEver {
            pending::<()>().await;
        }
        let busy = "no connection was free in time";
        Err(StoreError::new(StoreErrorKind::Busy, busy))
    }

    /// Only those compare that would have to: the suite lets no other write in between.
    fn loses(
        &self,
        state: &mut State,
        loss: Loss,
        name: String,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let no_answer = StoreError::new(StoreErrorKind::Unavailable, "the connection was lost");
        let stored = state.entries.get(&name).cloned();
        if self.wrong == Wrong::WritesAfterALoad {
            state.late = Some((name, new));
            return Err(SwapError::Unknown(no_answer));
        }
        if loss == Loss::AfterTheWrite || self.wrong == Wrong::SendsAgain {
            match new.clone() {
                Some(new) => state.entries.insert(name, new),
                None => state.entries.remove(&name),
            };
        }
        match self.wrong {
            Wrong::SaysFailedThoughWritten => Err(SwapError::Failed(no_answer)),
            Wrong::SaysOkThoughLost => Ok(()),
            // What was sent first is what is found when it is sent again.
            Wrong::SendsAgain if loss == Loss::AfterTheWrite && stored != new => {
                Err(SwapError::Conflict)
            }
            Wrong::SendsAgain => Ok(()),
            _ => Err(SwapError::Unknown(no_answer)),
        }
    }
}

#[async_trait]
impl TokenStore for WrongStore {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let name = self.name(key);
        let entry = self.state.lock().unwrap().entries.get(&name).cloned();
        match self.wrong {
            Wrong::LoadsInTwoSteps => pause().await,
            Wrong::LeavesAnAnswerToTheNext => {
                self.state.lock().unwrap().answers.push_back(entry.clone());
                pause().await;
            }
            Wrong::DroppedLoadKeepsItsConnection | Wrong::DroppedLoadKeepsItForEver => {
                self.takes_the_connection().await?;
                pause().await;
            }
            _ => {}
        }
        let mut state = self.state.lock().unwrap();
        match self.wrong {
            Wrong::LoadsInTwoSteps => {
                let later = state.entries.get(&name).map(|later| later.revision);
                let bytes = entry.map(|entry| entry.bytes);
                Ok(later
                    .zip(bytes)
                    .map(|(revision, bytes)| Entry { revision, bytes }))
            }
            Wrong::LeavesAnAnswerToTheNext => Ok(state.answers.pop_front().unwrap_or(entry)),
            Wrong::DroppedLoadKeepsItsConnection | Wrong::DroppedLoadKeepsItForEver => {
                state.connection_is_taken = false;
                Ok(entry)
            }
            Wrong::StaleLoads => Ok(state.before.get(&name).cloned().unwrap_or(entry)),
            Wrong::CachesLoads => Ok(state.cached.entry(name).or_insert(entry).clone()),
            Wrong::FailsOnEmpty if entry.is_none() => {
                Err(StoreError::new(StoreErrorKind::Other, "no such row"))
            }
            Wrong::WritesAfterALoad => {
                match state.late.take() {
                    Some((name, Some(new))) => state.entries.insert(name, new),
                    Some((name, None)) => state.entries.remove(&name),
                    None => None,
                };
                Ok(entry)
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
            if let Some(loss) = state.loss.take() {
                return self.loses(&mut state, loss, name, new);
            }
            if state.locked {
                let busy = StoreError::new(StoreErrorKind::Busy, "it is locked");
                return Err(SwapError::Failed(busy));
            }
            state.locked = self.wrong == Wrong::KeepsItsLock;
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
                state.locked = false;
                return Err(SwapError::Conflict);
            }
            state.before.insert(name.clone(), stored);
            if !self.wrong.has_steps() {
                self.writes(&mut state, name, new);
                return Ok(());
            }
        }
        match self.wrong {
            Wrong::PausesBetweenCompareAndWrite | Wrong::KeepsItsLock => pause().await,
            Wrong::PausesBeforeReplacing if expected.is_some() && new.is_some() => pause().await,
            Wrong::WritesTheWholeDocument => {
                let read = self.state.lock().unwrap().entries.clone();
                pause().await;
                let mut state = self.state.lock().unwrap();
                // The lock of one key: of this one nothing is lost.
                if state.entries.get(&name) != read.get(&name) {
                    return Err(SwapError::Conflict);
                }
                state.entries = read;
            }
            Wrong::PausesBeforeRemoving if new.is_none() => pause().await,
            // Long enough for others to compare too, whatever the machine.
            Wrong::TwoStepsWithoutAPause => (0..200).for_each(|_| std::thread::yield_now()),
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
                    pause().await;
                }
            }
            _ => {}
        }
        self.writes(&mut self.state.lock().unwrap(), name, new);
        Ok(())
    }
}

#[async_trait]
impl ListKeys for WrongStore {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let state = self.state.lock().unwrap();
        let mut names: Vec<_> = state.entries.keys().collect();
        match self.wrong {
            Wrong::ListsRemoved => names.extend(state.removed.keys()),
            Wrong::ListsOnePage => names.truncate(1_000),
            _ => {}
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
