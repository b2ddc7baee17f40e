//! Threads on which blocking stores work for asynchronous callers.
//!
//! One pool for the process: threads start when work waits, at most [`MOST_THREADS`] of them, and
//! leave when they have had nothing to do for [`IDLE`]. No async runtime is needed, and work that was
//! handed in is done even where its caller went away.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use futures_channel::oneshot;

const MOST_THREADS: usize = 32;
const IDLE: Duration = Duration::from_secs(2);

static POOL: Pool = Pool {
    state: Mutex::new(State {
        waiting: VecDeque::new(),
        idle: 0,
        threads: 0,
    }),
    work_came: Condvar::new(),
};

/// Why work gave no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// It was never begun: no thread could be started.
    NotBegun(io::Error),
    /// It was begun and panicked.
    Panicked,
}

/// Does `work` on a thread of the pool.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let (sender, answer) = oneshot::channel();
    POOL.hand_in(Box::new(move || {
        // The caller may have gone away; the work is done all the same.
        let _ = sender.send(work());
    }))
    .map_err(NoAnswer::NotBegun)?;
    answer.await.map_err(|_| NoAnswer::Panicked)
}

struct Pool {
    state: Mutex<State>,
    work_came: Condvar,
}

struct State {
    waiting: VecDeque<Work>,
    idle: usize,
    threads: usize,
}

type Work = Box<dyn FnOnce() + Send>;

impl Pool {
    fn hand_in(&'static self, work: Work) -> io::Result<()> {
        let mut state = self.state();
        state.waiting.push_back(work);
        if state.waiting.len() > state.idle && state.threads < MOST_THREADS {
            let started = thread::Builder::new()
                .name("hallpass-store".to_owned())
                .spawn(|| self.work());
            match started {
                Ok(_) => state.threads += 1,
                // Those that run already will come to it.
                Err(_) if state.threads > 0 => {}
                Err(error) => {
                    state.waiting.pop_back();
                    return Err(error);
                }
            }
        }
        drop(state);
        self.work_came.notify_one();
        Ok(())
    }

    fn work(&self) {
        let mut state = self.state();
        loop {
            if let Some(work) = state.waiting.pop_front() {
                drop(state);
                // Whoever waits learns of a panic by its sender being dropped.
                let _ = catch_unwind(AssertUnwindSafe(work));
                state = self.state();
                continue;
            }
            state.idle += 1;
            let (back, waited) = self
                .work_came
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = back;
            state.idle -= 1;
            if waited.timed_out() && state.waiting.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
