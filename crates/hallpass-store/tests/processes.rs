//! Many processes on one folder, and processes that are killed.
#![cfg(feature = "file")]

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use hallpass_store::{Entry, FileStore, Key, Revision, SwapError, blocking::TokenStore};

const FOLDER: &str = "HALLPASS_STORE_TEST_FOLDER";
const WORKER: &str = "HALLPASS_STORE_TEST_WORKER";
const STEPS: u64 = 40;

fn key() -> Key {
    Key::new("one key")
}

/// The number that an entry holds, many times over, so that half an entry would show.
fn entry(worker: u64, number: u64) -> Entry {
    let mut revision = [0; 16];
    revision[..8].copy_from_slice(&worker.to_be_bytes());
    revision[8..].copy_from_slice(&number.to_be_bytes());
    Entry::new(
        Revision::from_bytes(revision),
        number.to_be_bytes().repeat(512),
    )
}

fn number(entry: &Entry) -> u64 {
    let bytes = entry.bytes.expose_secret();
    let number = u64::from_be_bytes(bytes[..8].try_into().unwrap());
    assert_eq!(bytes, number.to_be_bytes().repeat(512), "half an entry");
    number
}

/// Raises the number by one, whatever others do at the same time.
fn raise(store: &FileStore, worker: u64) -> u64 {
    loop {
        let stored = store.load(&key()).unwrap();
        let next = stored.as_ref().map_or(0, number) + 1;
        let expected = stored.map(|stored| stored.revision);
        match store.swap(&key(), expected, Some(entry(worker, next))) {
            Ok(()) => return next,
            Err(SwapError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Runs in the processes that the other tests start, and on its own folder otherwise.
#[test]
fn a_worker_raises_the_number_by_its_steps() {
    // A worker that will be killed must have nothing of its own to clean up.
    let own;
    let folder = match env::var_os(FOLDER) {
        Some(folder) => folder.into(),
        None => {
            own = tempfile::tempdir().unwrap();
            own.path().join("tokens")
        }
    };
    let worker: u64 = env::var(WORKER).map_or(0, |number| number.parse().unwrap());
    let store = FileStore::open(folder)
        .unwrap()
        .with_patience(Duration::from_secs(60));
    let mut last = 0;
    for _ in 0..STEPS {
        let now = raise(&store, worker);
        assert!(now > last);
        last = now;
        println!("\nraised to {now}");
    }
    assert!(last >= STEPS);
}

fn start_worker(folder: &Path, worker: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "a_worker_raises_the_number_by_its_steps",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .env(WORKER, worker.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn no_update_of_eight_processes_at_once_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("tokens");
    let workers: Vec<_> = (1..=8)
        .map(|worker| start_worker(&folder, worker))
        .collect();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let stored = FileStore::open(&folder)
        .unwrap()
        .load(&key())
        .unwrap()
        .unwrap();
    assert_eq!(number(&stored), 8 * STEPS);
}

#[test]
fn a_killed_process_leaves_the_old_or_the_new_entry_and_no_lock() {
    for round in 1..=12 {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tokens");
        let mut worker = start_worker(&folder, round);
        let mut told = 0;
        for line in BufReader::new(worker.stdout.take().unwrap()).lines() {
            if let Some(number) = line.unwrap().strip_prefix("raised to ") {
                told = number.parse().unwrap();
            }
            if told == round * 2 {
                break;
            }
        }
        worker.kill().unwrap();
        worker.wait().unwrap();
        let store = FileStore::open(&folder)
            .unwrap()
            .with_patience(Duration::ZERO);
        let stored = store.load(&key()).unwrap().unwrap();
        // What was told is there; what was under way when it was killed may be.
        assert!(number(&stored) >= told && told == round * 2);
        assert_eq!(stored.revision, entry(round, number(&stored)).revision);
        assert_eq!(raise(&store, 99), number(&stored) + 1);
    }
}
