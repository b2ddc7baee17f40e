//! Stores that are wrong on purpose: the suite finds each, and names the rule.

use std::{collections::BTreeMap, future::poll_fn, sync::Mutex, task::Poll};

use hallpass_store::{
    Entry, Key, ListKeys, Revision, SecretBytes, StoreError, StoreErrorKind, SwapError, TokenStore,
    async_trait,
    conformance::{self, Broken},
};

/// What is wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
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

struct WrongStore {
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
    fn new(wrong: Wrong) -> Self {
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

fn broken_by(wrong: Wrong) -> Broken {
    match conformance::block_on(conformance::check_listing(|| WrongStore::new(wrong))) {
        Err(broken) => broken,
        Ok(report) => panic!("the suite does not find {wrong:?}\n{report}"),
    }
}

#[test]
fn the_frame_of_these_stores_is_right_where_nothing_is_made_wrong() {
    let fresh = || WrongStore::new(Wrong::Nothing);
    conformance::block_on(conformance::check_listing(fresh)).unwrap();
}

#[test]
fn every_wrong_store_is_found_and_the_rule_it_breaks_is_named() {
    let expected = [
        (
            Wrong::FailsOnEmpty,
            "a load of a key under which nothing was stored must answer None",
        ),
        (
            Wrong::StaleLoads,
            "a swap that expects None where nothing is stored must write",
        ),
        (
            Wrong::LastWriteWins,
            "a swap that expects None where something is stored must answer Conflict and change nothing",
        ),
        (
            Wrong::InsertOverwrites,
            "a swap that expects None where something is stored must answer Conflict and change nothing",
        ),
        (
            Wrong::ConflictStillWrites,
            "a swap that expects None where something is stored must answer Conflict and change nothing",
        ),
        (
            Wrong::UpsertsWhereNothingIs,
            "a swap that expects a revision where nothing is stored must answer Conflict and store nothing",
        ),
        (
            Wrong::RemovesNothing,
            "a removal that expects the revision that is stored must remove",
        ),
        (
            Wrong::RemovesWhateverIsThere,
            "a swap that expects None where something is stored must answer Conflict and change nothing",
        ),
        (
            Wrong::RemembersRemoved,
            "a swap that expects the revision of a removed entry must answer Conflict",
        ),
        (
            Wrong::NeverInsertsAgain,
            "a key that was removed can be inserted again",
        ),
        (
            Wrong::ConflictForRemovedNothing,
            "a removal that expects None where nothing is stored must answer Ok and store nothing",
        ),
        (
            Wrong::DrawsItsOwnRevision,
            "a swap that expects None where nothing is stored must write",
        ),
        (
            Wrong::ComparesBytes,
            "the same bytes under another revision are another entry",
        ),
        (
            Wrong::KeepsOldRevisionForSameBytes,
            "the same bytes under another revision are another entry",
        ),
        (
            Wrong::ComparesHalfARevision,
            "the revision of an entry must come back exactly, and be compared whole",
        ),
        (
            Wrong::CutsBytes,
            "the bytes of an entry must come back exactly",
        ),
        (
            Wrong::BytesAsText,
            "the bytes of an entry must come back exactly",
        ),
        (
            Wrong::IgnoresCase,
            "two keys with different texts must be two keys",
        ),
        (
            Wrong::TrimsKeys,
            "two keys with different texts must be two keys",
        ),
        (
            Wrong::CutsKeys,
            "two keys with different texts must be two keys",
        ),
        (
            Wrong::RemovesAll,
            "a swap of one key must not touch another",
        ),
        (
            Wrong::PausesBetweenCompareAndWrite,
            "of many inserts at once exactly one must be written",
        ),
        (
            Wrong::WritesHalfThenPauses,
            "a swap whose future is dropped half way must leave the old entry or the new one, whole, and the key usable",
        ),
        (
            Wrong::ListsRemoved,
            "keys must list every key under which something is stored, exactly, and no other",
        ),
    ];
    for (wrong, rule) in expected {
        let broken = broken_by(wrong);
        assert_eq!(broken.rule(), rule, "{wrong:?}: {broken}");
        assert!(
            !broken.done().is_empty() && !broken.advice().is_empty(),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_failure_tells_what_was_done_expected_and_seen_and_what_to_do() {
    let broken = broken_by(Wrong::RemovesNothing);
    assert_eq!(broken.expected(), "None");
    assert!(broken.seen().ends_with("with 5 bytes"), "{broken}");
    let told = broken.to_string();
    for part in [
        "the store breaks a rule: a removal that expects",
        "step  1:  swap(\"a key\", expected None, new Revision(",
        "step  3:  load(\"a key\")",
        "expected: None",
        "to do:    a swap whose new entry is None deletes what is stored",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert_eq!(format!("{broken:?}"), told);
}

#[test]
#[should_panic(expected = "the store breaks a rule: of many inserts at once")]
fn the_one_line_form_panics_with_the_rule() {
    let fresh = || WrongStore::new(Wrong::PausesBetweenCompareAndWrite);
    conformance::block_on(conformance::assert_conforms(fresh));
}

mod handles {
    use std::sync::Arc;

    use hallpass_store::MemoryStore;

    use super::*;

    /// Keeps a copy of its own, as a cache does, or forgets at a restart.
    struct Forgetful;

    #[async_trait]
    impl conformance::Harness for Forgetful {
        type Store = Arc<MemoryStore>;

        async fn fresh(&self) -> Arc<MemoryStore> {
            Arc::default()
        }

        async fn reopen(&self, _store: Arc<MemoryStore>) -> Option<Arc<MemoryStore>> {
            Some(Arc::default())
        }
    }

    struct NotShared;

    #[async_trait]
    impl conformance::Harness for NotShared {
        type Store = Arc<MemoryStore>;

        async fn fresh(&self) -> Arc<MemoryStore> {
            Arc::default()
        }

        async fn again(&self, _store: &Arc<MemoryStore>) -> Option<Arc<MemoryStore>> {
            Some(Arc::default())
        }
    }

    #[test]
    fn a_store_that_forgets_at_a_restart_is_found() {
        let broken = conformance::block_on(conformance::check(Forgetful)).unwrap_err();
        assert_eq!(
            broken.rule(),
            "a store that is opened again must hold what it held"
        );
    }

    #[test]
    fn a_store_whose_handles_do_not_share_is_found() {
        let broken = conformance::block_on(conformance::check(NotShared)).unwrap_err();
        assert_eq!(
            broken.rule(),
            "a second handle must see what the first one wrote, and compare with it"
        );
    }
}

mod blocking {
    use hallpass_store::{MemoryStore, blocking::TokenStore};

    use super::*;

    /// Compares under one lock and writes under the next.
    #[derive(Default)]
    struct TwoSteps(MemoryStore);

    impl TokenStore for TwoSteps {
        fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
            TokenStore::load(&self.0, key)
        }

        fn swap(
            &self,
            key: &Key,
            expected: Option<Revision>,
            new: Option<Entry>,
        ) -> Result<(), SwapError> {
            let stored = self.load(key).map_err(SwapError::Failed)?;
            if stored.as_ref().map(|stored| stored.revision) != expected {
                return Err(SwapError::Conflict);
            }
            // Long enough for others to compare too, whatever the machine.
            for _ in 0..200 {
                std::thread::yield_now();
            }
            loop {
                let stored = self.load(key).map_err(SwapError::Failed)?;
                let revision = stored.map(|stored| stored.revision);
                if TokenStore::swap(&self.0, key, revision, new.clone()).is_ok() {
                    return Ok(());
                }
            }
        }
    }

    #[test]
    fn a_blocking_store_that_compares_and_writes_in_two_steps_is_found() {
        // Threads may happen to run one after the other: the suite is tried until they do not.
        let broken = (0..1_000)
            .find_map(|_| conformance::blocking::check(TwoSteps::default).err())
            .expect("found in one of a thousand runs");
        assert!(broken.rule().contains("at once") || broken.rule().contains("lose no step"));
    }
}
