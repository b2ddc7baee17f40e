//! Threads on which blocking stores work for asynchronous callers.
//!
//! One pool for the process: threads start when work waits, at most [`MOST_THREADS`] of them, and
//! leave when they have had nothing to do for [`IDLE`]. No async runtime is needed, and work that was
//! handed in is done even where its caller went away. What waits for a thread is bounded by [`MOST_WAITING`].

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
const MOST_WAITING: usize = 10_000;
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
    /// It was never begun: too much waits already.
    TooMuch,
    /// It was begun and panicked.
    Panicked,
}

/// Does `work` on a thread of the pool.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let (sender, answer) = oneshot::channel();
    hand_in(move || {
        // The caller may have gone away; the work is done all the same.
        let _ = sender.send(work());
    })?;
    answer.await.map_err(|_| NoAnswer::Panicked)
}

/// Has `work` done by a thread of the pool, when one is free.
pub(crate) fn hand_in(work: impl FnOnce() + Send + 'static) -> Result<(), NoAnswer> {
    POOL.hand_in(Box::new(work), MOST_WAITING)
}

/// Has the rest of a work done when it is its turn again. Only a thread of the pool may call this, so that there is one
/// to do it.
#[cfg(feature = "file")]
pub(crate) fn go_on(work: impl FnOnce() + Send + 'static) {
    let _ = POOL.hand_in(Box::new(work), usize::MAX);
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
    fn hand_in(&'static self, work: Work, most_waiting: usize) -> Result<(), NoAnswer> {
        let mut state = self.state();
        if state.waiting.len() >= most_waiting {
            return Err(NoAnswer::TooMuch);
        }
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
                    return Err(NoAnswer::NotBegun(error));
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

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::{Pin, pin},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn poll_once<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = poll_once(future.as_mut()) {
                return output;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn work_is_done_though_its_future_is_dropped() {
        let (begin, began) = mpsc::channel::<()>();
        let (finish, finished) = mpsc::channel();
        {
            let mut future = pin!(run(move || {
                began.recv().unwrap();
                finish.send("done").unwrap();
            }));
            assert!(poll_once(future.as_mut()).is_pending());
        }
        begin.send(()).unwrap();
        assert_eq!(finished.recv(), Ok("done"));
    }

    #[test]
    fn much_work_at_once_is_all_done_by_at_most_so_many_threads() {
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut futures: Vec<_> = (0..200)
            .map(|number| {
                let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                Box::pin(run(move || {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    for _ in 0..50 {
                        thread::yield_now();
                    }
                    running.fetch_sub(1, Ordering::SeqCst);
                    number
                }))
            })
            .collect();
        let mut done: Vec<usize> = Vec::new();
        futures.retain_mut(|future| match poll_once(future.as_mut()) {
            Poll::Ready(answer) => {
                done.push(answer.unwrap());
                false
            }
            Poll::Pending => true,
        });
        done.extend(futures.into_iter().map(|future| wait(future).unwrap()));
        done.sort_unstable();
        assert_eq!(done, Vec::from_iter(0..200));
        assert!((1..=MOST_THREADS).contains(&most.load(Ordering::SeqCst)));
    }

    #[test]
    fn what_waits_for_a_thread_is_bounded() {
        let answer = POOL.hand_in(Box::new(|| ()), 0);
        assert!(matches!(answer, Err(NoAnswer::TooMuch)));
        let told = crate::SwapError::from(NoAnswer::TooMuch);
        let crate::SwapError::Failed(error) = told else {
            panic!("nothing was written: {told}");
        };
        assert_eq!(error.kind(), crate::StoreErrorKind::Busy);
    }

    #[test]
    fn work_that_panics_answers_and_leaves_the_pool_working() {
        let answer = wait(run(|| panic!("on purpose")));
        assert!(matches!(answer, Err::<(), _>(NoAnswer::Panicked)));
        assert!(matches!(wait(run(|| 7)), Ok(7)));
    }
}
