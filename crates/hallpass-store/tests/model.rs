//! The file store does what the memory store does.
#![cfg(feature = "file")]

use std::collections::BTreeSet;

use hallpass_store::{
    Entry, FileStore, Key, MemoryStore, Revision, SwapError,
    blocking::{ListKeys, TokenStore},
};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Operation {
    Load(Key),
    Swap(Key, Option<u8>, Option<(u8, Vec<u8>)>),
    Reopen,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let key = prop::sample::select(vec!["", "a", "A", "../a", "a\0"]).prop_map(Key::new);
    // Few revisions, so that swaps often expect what is stored.
    let expected = prop::option::weighted(0.7, 0..3_u8);
    let new = prop::option::weighted(0.8, (0..3_u8, prop::collection::vec(any::<u8>(), 0..40)));
    let operation = prop_oneof![
        2 => key.clone().prop_map(Operation::Load),
        7 => (key, expected, new).prop_map(|(key, expected, new)| Operation::Swap(key, expected, new)),
        1 => Just(Operation::Reopen),
    ];
    prop::collection::vec(operation, 1..40)
}

fn revision(number: u8) -> Revision {
    Revision::from_bytes([number; 16])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_operations_answers_as_the_memory_store_does(operations in operations()) {
        let home = tempfile::tempdir().unwrap();
        let mut file = FileStore::open(home.path().join("tokens")).unwrap();
        let memory = MemoryStore::new();
        for operation in operations {
            match operation {
                Operation::Load(key) => {
                    prop_assert_eq!(file.load(&key).unwrap(), memory.load(&key).unwrap());
                }
                Operation::Swap(key, expected, new) => {
                    let expected = expected.map(revision);
                    let new = new.map(|(number, bytes)| Entry::new(revision(number), bytes));
                    match (file.swap(&key, expected, new.clone()), memory.swap(&key, expected, new)) {
                        (Ok(()), Ok(())) | (Err(SwapError::Conflict), Err(SwapError::Conflict)) => {}
                        other => prop_assert!(false, "{:?}", other),
                    }
                }
                Operation::Reopen => file = FileStore::open(file.folder()).unwrap(),
            }
        }
        let listed = |keys: Vec<Key>| keys.into_iter().collect::<BTreeSet<_>>();
        let (in_files, in_memory) = (listed(file.keys().unwrap()), listed(memory.keys().unwrap()));
        prop_assert_eq!(&in_files, &in_memory);
        for key in in_files {
            prop_assert_eq!(file.load(&key).unwrap(), memory.load(&key).unwrap());
        }
    }
}
