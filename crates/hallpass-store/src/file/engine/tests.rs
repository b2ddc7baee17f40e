//! Faults, kills and power cuts at every operation; foreign and damaged files; locks.

use std::sync::{Arc, Mutex};

use super::*;
use crate::file::{
    folder::Folder,
    sim::{Fault, SimDisk},
};

fn entry(number: u8, bytes: &[u8]) -> Entry {
    Entry::new(Revision::from_bytes([number; 16]), bytes.to_vec())
}

fn old() -> Entry {
    entry(1, b"the old entry")
}

fn new() -> Entry {
    entry(2, &[b'n'; 300])
}

/// What a swap starts from and what it writes: an insert, a replacement, a removal.
fn swaps() -> [(Option<Entry>, Option<Entry>); 3] {
    [
        (None, Some(new())),
        (Some(old()), Some(new())),
        (Some(old()), None),
    ]
}

fn key() -> Key {
    Key::new("a key")
}

fn holding(before: Option<&Entry>, disk: SimDisk) -> Engine<SimDisk> {
    let engine = Engine::new(disk);
    if let Some(before) = before {
        engine.swap(&key(), None, Some(before.clone())).unwrap();
    }
    engine
}

fn revision(entry: Option<&Entry>) -> Option<Revision> {
    entry.map(|entry| entry.revision)
}

/// Runs each kind of swap with a fault at each of its operations.
fn with_a_fault_everywhere(
    fault: Fault,
    check: impl Fn(&Engine<SimDisk>, Result<(), SwapError>, Option<&Entry>, Option<&Entry>),
) -> usize {
    let mut faults = 0;
    for (before, after) in swaps() {
        for operation in 0.. {
            let engine = holding(before.as_ref(), SimDisk::default());
            engine.disk.fault_at(operation, fault);
            let answer = engine.swap(&key(), revision(before.as_ref()), after.clone());
            if !engine.disk.fault_came() {
                assert!(answer.is_ok());
                break;
            }
            check(&engine, answer, before.as_ref(), after.as_ref());
            faults += 1;
        }
    }
    faults
}

fn only_lock_and_entry(disk: &SimDisk) -> bool {
    disk.files()
        .iter()
        .all(|name| name.ends_with(".lock") || name.ends_with(".entry"))
}

#[test]
fn an_error_before_the_rename_is_failed_and_leaves_the_old_entry_and_no_litter() {
    let (failed, unknown) = (Mutex::new(0), Mutex::new(0));
    let faults = with_a_fault_everywhere(Fault::Error, |engine, answer, before, after| {
        engine.disk.no_fault();
        let found = engine.load(&key()).unwrap();
        match answer {
            Err(SwapError::Failed(_)) => {
                assert_eq!(found.as_ref(), before);
                *failed.lock().unwrap() += 1;
            }
            Err(SwapError::Unknown(_)) => {
                assert_eq!(found.as_ref(), after);
                *unknown.lock().unwrap() += 1;
            }
            other => panic!("a fault was answered by {other:?}"),
        }
        assert!(
            only_lock_and_entry(&engine.disk),
            "{:?}",
            engine.disk.files()
        );
    });
    // The folder's sync is the one operation after the rename or the removal, in each of three swaps.
    assert_eq!(*unknown.lock().unwrap(), 3);
    assert_eq!(*failed.lock().unwrap(), faults - 3);
    assert!(faults >= 20, "{faults}");
}

#[test]
fn whatever_the_moment_of_a_kill_the_old_or_the_new_entry_is_there() {
    with_a_fault_everywhere(Fault::Cut, |engine, _, before, after| {
        goes_on_with_old_or_new(engine.disk.after_kill(), before, after);
    });
}

#[test]
fn whatever_the_moment_of_a_power_cut_the_old_or_the_new_entry_is_there() {
    let (old_ones, new_ones) = (Mutex::new(0), Mutex::new(0));
    with_a_fault_everywhere(Fault::Cut, |engine, _, before, after| {
        for disk in engine.disk.after_power_cut() {
            let is_old = goes_on_with_old_or_new(disk, before, after);
            *if is_old { &old_ones } else { &new_ones }.lock().unwrap() += 1;
        }
    });
    // Both have to be among the states, or nothing was tried.
    let (old_ones, new_ones) = (*old_ones.lock().unwrap(), *new_ones.lock().unwrap());
    assert!(old_ones > 100 && new_ones > 20, "{old_ones} {new_ones}");
}

/// Whether the old one was found.
fn goes_on_with_old_or_new(disk: SimDisk, before: Option<&Entry>, after: Option<&Entry>) -> bool {
    let engine = Engine::new(disk);
    let found = engine.load(&key()).expect("what is there is whole");
    assert!(found.as_ref() == before || found.as_ref() == after);
    let next = entry(9, b"next");
    engine
        .swap(&key(), revision(found.as_ref()), Some(next.clone()))
        .unwrap();
    assert_eq!(engine.load(&key()).unwrap(), Some(next));
    assert!(
        only_lock_and_entry(&engine.disk),
        "{:?}",
        engine.disk.files()
    );
    found.as_ref() == before
}

#[test]
fn what_was_answered_lasts_through_a_power_cut() {
    for (before, after) in swaps() {
        let engine = holding(before.as_ref(), SimDisk::default());
        engine
            .swap(&key(), revision(before.as_ref()), after.clone())
            .unwrap();
        for disk in engine.disk.after_power_cut() {
            assert_eq!(Engine::new(disk).load(&key()).unwrap(), after);
        }
    }
}

#[test]
fn what_surely_failed_does_not_come_back_after_a_power_cut() {
    with_a_fault_everywhere(Fault::Error, |engine, answer, before, _| {
        if matches!(answer, Err(SwapError::Failed(_))) {
            for disk in engine.disk.after_power_cut() {
                assert_eq!(Engine::new(disk).load(&key()).unwrap().as_ref(), before);
            }
        }
    });
}

#[test]
fn a_file_whose_sync_failed_is_given_up_and_never_synced_again() {
    // Judge, lock, the marker, read, remove, create, write: the sync is the eighth operation.
    const SYNC: usize = 7;
    let engine = holding(Some(&old()), SimDisk::default());
    let before = engine.disk.syncs();
    for tried in 1..=3 {
        engine.disk.fault_at(SYNC, Fault::Error);
        let answer = engine.swap(&key(), Some(old().revision), Some(new()));
        assert!(matches!(answer, Err(SwapError::Failed(_))), "{answer:?}");
        assert_eq!(engine.disk.syncs().len(), before.len() + tried);
        assert_eq!(engine.load(&key()).unwrap(), Some(old()));
    }
    engine
        .swap(&key(), Some(old().revision), Some(new()))
        .unwrap();
    let syncs = engine.disk.syncs();
    let files: std::collections::BTreeSet<_> = syncs.iter().collect();
    assert_eq!((syncs.len(), files.len()), (5, 5), "{syncs:?}");
}

#[test]
fn a_disk_that_is_full_at_any_byte_keeps_the_old_entry_and_no_litter() {
    let whole = Form::Plain.encode(&key(), &new()).unwrap().len();
    for before in [None, Some(old())] {
        let engine = holding(before.as_ref(), SimDisk::default());
        for room in 0..whole {
            engine.disk.set_room(Some(room));
            let answer = engine.swap(&key(), revision(before.as_ref()), Some(new()));
            assert!(matches!(answer, Err(SwapError::Failed(_))), "{room}");
            assert_eq!(engine.load(&key()).unwrap(), before, "{room}");
            assert!(only_lock_and_entry(&engine.disk), "{room}");
        }
        // A removal needs no room, and with room the same swap works.
        engine.disk.set_room(Some(whole));
        engine
            .swap(&key(), revision(before.as_ref()), Some(new()))
            .unwrap();
        engine.swap(&key(), Some(new().revision), None).unwrap();
        assert_eq!(engine.load(&key()).unwrap(), None);
    }
}

#[test]
fn a_disk_that_lies_about_sync_is_found_out_by_these_tests() {
    let engine = holding(Some(&old()), SimDisk::default().that_lies_about_sync());
    let states = engine.disk.after_power_cut();
    let damaged = states
        .into_iter()
        .map(Engine::new)
        .filter(|engine| engine.load(&key()).is_err())
        .count();
    assert!(damaged > 0);
}

#[test]
fn what_cannot_be_read_is_corrupt_and_set_aside_and_never_deleted() {
    let whole = Form::Plain.encode(&key(), &old()).unwrap().to_vec();
    let torn = whole[..whole.len() - 7].to_vec();
    let mut flipped = whole.clone();
    flipped[40] ^= 4;
    let mut later = whole.clone();
    later[8] = 3;
    let misplaced = Form::Plain
        .encode(&Key::new("another key"), &old())
        .unwrap()
        .to_vec();
    let names = Names::of(&key());
    for (reason, damaged) in [
        ("torn", torn),
        ("changed", flipped),
        ("later version", later),
        ("another key", misplaced),
        ("not a file of this store", b"{}".to_vec()),
    ] {
        let engine = holding(None, SimDisk::default());
        for number in 1..=2 {
            engine.disk.put(&names.entry, &damaged);
            let error = engine.load(&key()).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt);
            let aside = format!("{}.corrupt-{number}", names.stem);
            assert!(error.to_string().contains(reason), "{error}");
            assert!(error.to_string().contains(&aside), "{error}");
            assert_eq!(engine.disk.bytes(&aside), Some(damaged.clone()));
            assert_eq!(engine.load(&key()).unwrap(), None);
        }
        engine.disk.put(&names.entry, &damaged);
        let answer = engine.swap(&key(), None, Some(new()));
        assert!(
            matches!(answer, Err(SwapError::Failed(error)) if error.kind() == StoreErrorKind::Corrupt)
        );
        engine.swap(&key(), None, Some(new())).unwrap();
        assert_eq!(engine.load(&key()).unwrap(), Some(new()));
    }
}

#[test]
fn a_list_goes_past_a_damaged_file_tells_it_apart_and_leaves_it() {
    let engine = holding(Some(&old()), SimDisk::default());
    let damaged = Names::of(&Key::new("damaged")).entry;
    engine.disk.put(&damaged, b"hallpass");
    for _ in 0..2 {
        let list = engine.list().unwrap();
        assert_eq!(list.keys, [key()]);
        let [error] = &list.unreadable[..] else {
            panic!("{:?}", list.unreadable);
        };
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
        assert!(error.to_string().contains(&damaged), "{error}");
    }
    // It is still there for whoever asks for it by its key.
    let error = engine.load(&Key::new("damaged")).unwrap_err();
    assert!(error.to_string().contains("set aside"), "{error}");
}

#[test]
fn a_list_takes_no_file_that_is_not_named_by_a_hash() {
    let engine = holding(Some(&old()), SimDisk::default());
    let upper = format!("{}.entry", "A".repeat(64));
    for foreign in ["notes.entry", ".entry", &upper] {
        engine.disk.put(foreign, b"my notes");
    }
    let list = engine.list().unwrap();
    assert_eq!(list.keys, [key()]);
    assert!(list.unreadable.is_empty(), "{:?}", list.unreadable);
    assert_eq!(engine.disk.bytes("notes.entry"), Some(b"my notes".to_vec()));
}

#[test]
fn a_disk_that_fails_during_a_list_gives_no_list() {
    for operation in 0..3 {
        let engine = holding(Some(&old()), SimDisk::default());
        engine.disk.fault_at(operation, Fault::Error);
        let error = engine.list().map(|list| list.keys).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
}

#[test]
fn a_load_waits_for_no_lock_though_the_file_is_damaged() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::open(&home.path().join("tokens")).unwrap();
    let names = Names::of(&key());
    let mut file = folder.create(&names.entry).unwrap();
    folder.write(&mut file, b"hallpass").unwrap();
    let held = folder.try_lock(&names.lock).unwrap();
    let engine = Engine::new(folder).with_pause(|_| panic!("it waits"));
    let error = engine.load(&key()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("left as it is"), "{error}");
    drop(held);
    let error = engine.load(&key()).unwrap_err();
    assert!(error.to_string().contains("set aside"), "{error}");
}

#[test]
fn a_load_that_fails_is_never_an_absence() {
    for operation in 0..2 {
        let engine = holding(None, SimDisk::default());
        engine.disk.fault_at(operation, Fault::Error);
        let error = engine.load(&key()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
}

#[test]
fn a_lock_that_is_freed_within_the_patience_is_taken() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tokens");
    let held = Folder::open(&path)
        .unwrap()
        .try_lock(&Names::of(&key()).lock);
    let held = Arc::new(Mutex::new((held.unwrap(), 0)));
    let engine = Engine::new(Folder::open(&path).unwrap()).with_pause(move |_| {
        let mut held = held.lock().unwrap();
        held.1 += 1;
        if held.1 == 3 {
            held.0 = None;
        }
    });
    engine.swap(&key(), None, Some(new())).unwrap();
    assert_eq!(engine.load(&key()).unwrap(), Some(new()));
}

#[test]
fn a_lock_that_stays_held_is_busy_after_five_seconds_of_pauses() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tokens");
    let _held = Folder::open(&path)
        .unwrap()
        .try_lock(&Names::of(&key()).lock)
        .unwrap()
        .unwrap();
    let paused = Arc::new(Mutex::new(Duration::ZERO));
    let total = Arc::clone(&paused);
    let engine = Engine::new(Folder::open(&path).unwrap())
        .with_pause(move |pause| *total.lock().unwrap() += pause);
    let answer = engine.swap(&key(), None, Some(new()));
    assert!(
        matches!(answer, Err(SwapError::Failed(error)) if error.kind() == StoreErrorKind::Busy)
    );
    assert_eq!(*paused.lock().unwrap(), Duration::from_secs(5));
    assert_eq!(engine.load(&key()).unwrap(), None);
}
