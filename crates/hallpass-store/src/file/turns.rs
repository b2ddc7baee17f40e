//! Swaps of one key take turns, so that a lock that stays held keeps one thread waiting and not all of them.

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_channel::oneshot;

use super::{disk::Disk, engine::Engine};
use crate::{
    Entry, Key, Revision, StoreError, StoreErrorKind, SwapError,
    pool::{self, NoAnswer},
};

const MOST_WAITING: usize = 1_000;

/// The swaps of an engine: at most one of each key is at work, the others of that key wait for it without a thread.
pub(crate) struct Turns<D> {
    engine: Arc<Engine<D>>,
    /// A key is here as long as one of its swaps is at work or waits.
    waiting: Mutex<HashMap<Key, VecDeque<Swap>>>,
}

struct Swap {
    expected: Option<Revision>,
    new: Option<Entry>,
    answer: oneshot::Sender<Result<(), SwapError>>,
}

impl<D: Disk + 'static> Turns<D> {
    pub(super) fn new(engine: Arc<Engine<D>>) -> Self {
        Self {
            engine,
            waiting: Mutex::default(),
        }
    }

    pub(super) async fn swap(
        self: &Arc<Self>,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let (answer, answered) = oneshot::channel();
        let swap = Swap {
            expected,
            new,
            answer,
        };
        self.queue(key, swap)?;
        answered
            .await
            .unwrap_or_else(|_| Err(NoAnswer::Panicked.into()))
    }

    fn queue(self: &Arc<Self>, key: &Key, swap: Swap) -> Result<(), SwapError> {
        let mut waiting = self.waiting();
        match waiting.get_mut(key) {
            Some(queue) if queue.len() >= MOST_WAITING => {
                return Err(busy("too many writes of one entry wait for their turn"));
            }
            Some(queue) => queue.push_back(swap),
            None => {
                let (turns, key) = (Arc::clone(self), key.clone());
                let turn = key.clone();
                pool::hand_in(move || turns.take_turn(turn))?;
                waiting.insert(key, VecDeque::from([swap]));
            }
        }
        Ok(())
    }

    /// Does the key's next swap, on a thread of the pool, and goes to the end of what waits there if it has more.
    fn take_turn(self: Arc<Self>, key: Key) {
        let (swap, with_it) = {
            let mut waiting = self.waiting();
            let queue = waiting.get_mut(&key);
            match queue.and_then(|queue| Some((queue.pop_front()?, queue.len()))) {
                Some(next) => next,
                None => {
                    waiting.remove(&key);
                    return;
                }
            }
        };
        let Swap {
            expected,
            new,
            answer,
        } = swap;
        let work = || self.engine.swap(&key, expected, new);
        // Whoever waits learns of a panic by its sender being dropped.
        if let Ok(done) = catch_unwind(AssertUnwindSafe(work)) {
            if is_busy(&done) {
                // They have waited for the same lock, and as long: they do not wait that long once more.
                for swap in self.take(&key, with_it) {
                    let told = busy("the entry was not free while this write waited for its turn");
                    let _ = swap.answer.send(Err(told));
                }
            }
            let _ = answer.send(done);
        }
        pool::go_on(move || self.take_turn(key));
    }

    fn take(&self, key: &Key, most: usize) -> Vec<Swap> {
        match self.waiting().get_mut(key) {
            Some(queue) => queue.drain(..most.min(queue.len())).collect(),
            None => Vec::new(),
        }
    }

    // Nothing is left half done under this mutex, so a panic elsewhere poisons nothing of ours.
    fn waiting(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<Swap>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_busy(answer: &Result<(), SwapError>) -> bool {
    matches!(answer, Err(SwapError::Failed(error)) if error.kind() == StoreErrorKind::Busy)
}

fn busy(message: &'static str) -> SwapError {
    SwapError::Failed(StoreError::new(StoreErrorKind::Busy, message))
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::Pin,
        sync::mpsc,
        task::{Context, Poll, Waker},
        thread,
        time::Duration,
    };

    use super::*;
    use crate::file::{folder::Folder, lock::Lock};

    type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), SwapError>> + 'a>>;

    fn poll_once(answer: &mut Answer<'_>) -> Poll<Result<(), SwapError>> {
        answer
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    fn wait(mut answer: Answer<'_>) -> Result<(), SwapError> {
        loop {
            match poll_once(&mut answer) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => thread::yield_now(),
            }
        }
    }

    /// Swaps of an entry whose lock is held; the first of them waits in its first pause until it is let go.
    struct Stuck {
        turns: Arc<Turns<Folder>>,
        key: Key,
        paused: Arc<Mutex<Duration>>,
        came: mpsc::Receiver<()>,
        go: mpsc::Sender<()>,
        _held: Lock,
        _home: tempfile::TempDir,
    }

    impl Stuck {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let folder = Folder::open(&home.path().join("tokens")).unwrap();
            let key = Key::new("stuck");
            let lock = format!("{}.lock", key.sha256_hex());
            let held = folder.try_lock(&lock).unwrap().unwrap();
            let paused = Arc::new(Mutex::new(Duration::ZERO));
            let total = Arc::clone(&paused);
            let ((arrive, came), (go, gate)) = (mpsc::channel(), mpsc::channel());
            let gate = Mutex::new(gate);
            let engine = Engine::new(folder).with_pause(move |pause| {
                let mut total = total.lock().unwrap();
                if total.is_zero() {
                    arrive.send(()).unwrap();
                    gate.lock().unwrap().recv().unwrap();
                }
                *total += pause;
            });
            Self {
                turns: Arc::new(Turns::new(Arc::new(engine))),
                key,
                paused,
                came,
                go,
                _held: held,
                _home: home,
            }
        }

        fn swap(&self) -> Answer<'_> {
            let mut answer: Answer<'_> = Box::pin(self.turns.swap(&self.key, None, None));
            assert!(poll_once(&mut answer).is_pending());
            answer
        }
    }

    #[test]
    fn those_that_waited_behind_a_busy_swap_have_waited_enough() {
        let stuck = Stuck::new();
        let first = stuck.swap();
        stuck.came.recv().unwrap();
        let mut all: Vec<_> = (0..6).map(|_| stuck.swap()).collect();
        all.push(first);
        stuck.go.send(()).unwrap();
        for answer in all {
            assert!(is_busy(&wait(answer)));
        }
        // The first, and then one for those that came after the first had begun.
        assert_eq!(*stuck.paused.lock().unwrap(), Duration::from_secs(10));
    }

    #[test]
    fn what_waits_for_one_key_is_bounded_and_told_as_busy() {
        let stuck = Stuck::new();
        let first = stuck.swap();
        stuck.came.recv().unwrap();
        let waiting: Vec<_> = (0..MOST_WAITING).map(|_| stuck.swap()).collect();
        let one_more: Answer<'_> = Box::pin(stuck.turns.swap(&stuck.key, None, None));
        assert!(is_busy(&wait(one_more)));
        // Those that wait are answered though the callers of all but one have gone away.
        drop(waiting);
        stuck.go.send(()).unwrap();
        assert!(is_busy(&wait(first)));
        while !stuck.turns.waiting().is_empty() {
            thread::yield_now();
        }
    }
}
