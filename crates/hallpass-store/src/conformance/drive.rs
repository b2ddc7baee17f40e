//! Futures driven by hand.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use futures_channel::oneshot;

/// Runs a future on this thread until it is done: for tests that have no async runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all of them at once: each is polled in turn whenever one may go on.
pub(super) async fn all<T>(futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(Running::Still).collect();
    poll_fn(|context| {
        let mut pending = false;
        for slot in &mut running {
            if let Running::Still(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Running::Done(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    running
        .into_iter()
        .filter_map(|slot| match slot {
            Running::Done(output) => Some(output),
            Running::Still(_) => None,
        })
        .collect()
}

enum Running<'a, T> {
    Still(Boxed<'a, T>),
    Done(T),
}

/// Polls a future until it has been pending so many times, then drops it. `None`: it was dropped.
pub(super) async fn give_up_after<T>(mut future: Boxed<'_, T>, pendings: usize) -> Option<T> {
    let mut left = pendings;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left <= 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// `None`: it was not done in that time, and was dropped.
pub(super) async fn within<T>(patience: Duration, mut future: Boxed<'_, T>) -> Option<T> {
    let mut alarm = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        // Most are done at once and need none.
        let (_, rings) = alarm.get_or_insert_with(|| set_alarm(patience));
        Pin::new(rings).poll(context).map(|_| None)
    })
    .await
}

/// Rings after so long on a thread of its own, which ends as soon as the first half is dropped.
fn set_alarm(after: Duration) -> (mpsc::Sender<()>, oneshot::Receiver<()>) {
    let (running, stopped) = mpsc::channel();
    let (ring, rings) = oneshot::channel();
    thread::spawn(move || {
        if stopped.recv_timeout(after) == Err(mpsc::RecvTimeoutError::Timeout) {
            // Nobody listens any more where the future was done just now.
            let _ = ring.send(());
        }
    });
    (running, rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending_times(times: usize) -> Boxed<'static, usize> {
        let mut left = times;
        Box::pin(poll_fn(move |context| {
            if left == 0 {
                return Poll::Ready(times);
            }
            left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }))
    }

    #[test]
    fn futures_run_side_by_side_and_answer_in_their_order() {
        let answers = block_on(all(vec![
            pending_times(3),
            pending_times(0),
            pending_times(1),
        ]));
        assert_eq!(answers, [3, 0, 1]);
    }

    #[test]
    fn a_future_is_given_up_at_the_pause_that_was_asked_for() {
        assert_eq!(block_on(give_up_after(pending_times(2), 2)), None);
        assert_eq!(block_on(give_up_after(pending_times(2), 3)), Some(2));
    }

    #[test]
    fn a_future_that_is_never_woken_is_dropped_when_its_time_is_over() {
        let never: Boxed<'_, ()> = Box::pin(std::future::pending());
        assert_eq!(block_on(within(Duration::from_millis(1), never)), None);
    }

    #[test]
    fn a_future_that_is_done_in_time_answers() {
        let hour = Duration::from_secs(3_600);
        assert_eq!(block_on(within(hour, pending_times(3))), Some(3));
    }
}
