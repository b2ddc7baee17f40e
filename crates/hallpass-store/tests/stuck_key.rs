//! A key whose lock somebody holds is that key's trouble alone.
#![cfg(feature = "file")]

use std::{
    fs::File,
    pin::Pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use hallpass_store::{Entry, FileStore, Key, Revision, SwapError, TokenStore};

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn poll_once<T>(answer: &mut Answer<'_, T>) -> Poll<T> {
    answer
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn wait<T>(mut answer: Answer<'_, T>) -> T {
    loop {
        match poll_once(&mut answer) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::yield_now(),
        }
    }
}

fn entry() -> Entry {
    Entry::new(Revision::from_bytes([1; 16]), b"x".to_vec())
}

#[test]
fn many_swaps_of_a_key_that_is_locked_hold_up_no_other_key() {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("tokens")).unwrap();
    let store = store.with_patience(Duration::from_secs(3600));
    let (stuck, other) = (Key::new("stuck"), Key::new("other"));
    wait(store.swap(&stuck, None, Some(entry()))).unwrap();
    let lock = store.folder().join(format!("{}.lock", stuck.sha256_hex()));
    let lock = File::options().read(true).write(true).open(lock).unwrap();
    lock.lock().unwrap();

    let mut waiting: Vec<_> = (0..96).map(|_| store.swap(&stuck, None, None)).collect();
    for answer in &mut waiting {
        assert!(poll_once(answer).is_pending());
    }
    let (done, was_done) = mpsc::channel();
    let theirs = store.clone();
    thread::spawn(move || {
        wait(theirs.swap(&other, None, Some(entry()))).unwrap();
        let found = wait(theirs.load(&other)).unwrap();
        // The entry that is locked can be read, too.
        let stuck = wait(theirs.load(&Key::new("stuck"))).unwrap();
        done.send((found, stuck)).unwrap();
    });
    let found = was_done.recv_timeout(Duration::from_secs(60));
    assert_eq!(found, Ok((Some(entry()), Some(entry()))));

    drop(lock);
    for answer in waiting {
        assert!(matches!(wait(answer), Err(SwapError::Conflict)));
    }
}
