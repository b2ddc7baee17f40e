//! Stores that are wrong on purpose: the suite finds each, and names the rule.

mod wrong_store;

use std::{collections::BTreeSet, sync::Arc};

use hallpass_store::{
    async_trait,
    conformance::{self, Broken, Drive, Loss},
};

use wrong_store::{Wrong, WrongStore};

/// With threads, and with answers that are lost.
struct Wrongs(Wrong);

#[async_trait]
impl conformance::Harness for Wrongs {
    type Store = WrongStore;

    async fn fresh(&self) -> WrongStore {
        WrongStore::new(self.0)
    }

    async fn lose_answer(&self, store: &WrongStore, loss: Loss) -> bool {
        store.lose_answer(loss);
        true
    }

    fn on_threads(&self) -> Option<Drive> {
        Some(Arc::new(conformance::block_on))
    }
}

fn broken_by(wrong: Wrong) -> Broken {
    match conformance::block_on(conformance::check_listing(Wrongs(wrong))) {
        Err(broken) => broken,
        Ok(report) => panic!("the suite does not find {wrong:?}\n{report}"),
    }
}

#[test]
fn the_frame_of_these_stores_is_right_where_nothing_is_made_wrong() {
    let right = Wrongs(Wrong::Nothing);
    let report = conformance::block_on(conformance::check_listing(right)).unwrap();
    assert!(report.opted_out().is_empty(), "{report}");
}

#[test]
fn every_rule_finds_a_wrong_store() {
    let right = Wrongs(Wrong::Nothing);
    let report = conformance::block_on(conformance::check_listing(right)).unwrap();
    let tried: BTreeSet<_> = report.kept().iter().copied().collect();
    let breaks: BTreeSet<_> = FOUND.iter().map(|(_, rule)| *rule).collect();
    // What is left out is about handles: see the stores of `broken_handles.rs`.
    assert_eq!(report.left_out().len(), 2);
    assert_eq!(tried, breaks);
}

const FOUND: &[(Wrong, &str)] = &[
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
    (
        Wrong::ListsOnePage,
        "keys must list every key however many there are",
    ),
    (
        Wrong::NeverReplaces,
        "a swap that expects the revision that is stored must write",
    ),
    (
        Wrong::CachesLoads,
        "every load after a swap was answered must see it",
    ),
    (
        Wrong::ReplacesWhateverIsThere,
        "a swap that expects a revision that is not stored must answer Conflict and change nothing",
    ),
    (
        Wrong::RemovesByKeyAlone,
        "a removal that expects a revision that is not stored must answer Conflict and remove nothing",
    ),
    (
        Wrong::RemovesByPrefix,
        "two keys with different texts must be two keys",
    ),
    (
        Wrong::CutsAtAMillion,
        "an entry of 1 MiB must come back exactly",
    ),
    (
        Wrong::PausesBeforeReplacing,
        "of many swaps at once that expect the same revision exactly one must be written",
    ),
    (
        Wrong::PausesBeforeRemoving,
        "of removals and writes at once that expect the same revision exactly one must be done",
    ),
    (
        Wrong::LoadsInTwoSteps,
        "a count that many callers raise by load and swap must lose no step",
    ),
    (
        Wrong::KeepsItsLock,
        "a swap whose future is dropped half way must leave the old entry or the new one, whole, and the key usable",
    ),
    (
        Wrong::TwoStepsWithoutAPause,
        "callers on threads of their own must find no gap between the comparison and the write",
    ),
    (
        Wrong::SaysFailedThoughWritten,
        "a swap whose answer was lost must be answered Unknown unless the store found out, and a load must then tell the truth",
    ),
    (
        Wrong::SaysOkThoughLost,
        "a swap whose answer was lost must be answered Unknown unless the store found out, and a load must then tell the truth",
    ),
    (
        Wrong::SendsAgain,
        "a swap whose answer was lost must be answered Unknown unless the store found out, and a load must then tell the truth",
    ),
    (
        Wrong::WritesAfterALoad,
        "a swap whose answer was lost must be answered Unknown unless the store found out, and a load must then tell the truth",
    ),
    (
        Wrong::LeavesAnAnswerToTheNext,
        "a load whose future is dropped half way must leave its answer to no other, and the store usable",
    ),
    (
        Wrong::DroppedLoadKeepsItsConnection,
        "a load whose future is dropped half way must leave its answer to no other, and the store usable",
    ),
    (
        Wrong::WritesTheWholeDocument,
        "swaps of different keys at once must all be there afterwards",
    ),
    (
        Wrong::ForgetsBeyondFiveHundred,
        "every entry must stay however many there are",
    ),
    (
        Wrong::ForgetsBeyondAThousand,
        "every entry must stay however many there are",
    ),
];

#[test]
fn every_wrong_store_is_found_and_the_rule_it_breaks_is_named() {
    for (wrong, rule) in FOUND {
        let broken = broken_by(*wrong);
        assert_eq!(broken.rule(), *rule, "{wrong:?}: {broken}");
        assert!(
            !broken.done().is_empty() && !broken.advice().is_empty(),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_store_that_waits_for_ever_is_found_too() {
    let broken = broken_by(Wrong::DroppedLoadKeepsItForEver);
    assert!(broken.rule().starts_with("a load whose future is dropped"));
    assert_eq!(broken.seen(), "no answer within 10 seconds");
    assert!(broken.advice().contains("timeout"));
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

mod blocking {
    use hallpass_store::{
        Entry, Key, MemoryStore, Revision, StoreError, SwapError, blocking::TokenStore, conformance,
    };

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
        let found = ["at once", "lose no step", "on threads of their own"];
        assert!(
            found.iter().any(|part| broken.rule().contains(part)),
            "{broken}"
        );
    }
}
