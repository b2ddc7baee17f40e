//! `session-times`: how long one call takes, in nanoseconds, on one thread and on two at once.
//!
//! It is the fastest of many short rounds: whatever else the machine does only adds to a round, and a time on two threads is that of
//! the slower one, from when both began.

use std::hint;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

const ROUNDS: usize = 500;
const CALLS: u32 = 10_000;

fn main() {
    let subjects = subjects::all();
    // Each round has all subjects, so that what else the machine does hits all of them.
    let mut fastest = vec![[f64::INFINITY; 2]; subjects.len()];
    for _ in 0..ROUNDS {
        for ((_, call), times) in subjects.iter().zip(&mut fastest) {
            for (threads, time) in times.iter_mut().enumerate() {
                *time = nanoseconds(call, threads + 1).min(*time);
            }
        }
    }
    for ((name, _), [one, two]) in subjects.iter().zip(fastest) {
        println!("{name} {one:.1} {two:.1}");
    }
}

fn nanoseconds(call: &subjects::Call, threads: usize) -> f64 {
    let (arrived, began) = (AtomicUsize::new(0), OnceLock::new());
    let measure = || {
        // Nobody sleeps here, so that both run from the moment both are there.
        arrived.fetch_add(1, Ordering::SeqCst);
        while arrived.load(Ordering::SeqCst) < threads {
            hint::spin_loop();
        }
        let began = began.get_or_init(Instant::now);
        (0..CALLS).for_each(|_| call());
        began.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(measure)).collect();
        let times = threads
            .into_iter()
            .map(|thread| thread.join().expect("no call fails"));
        times.fold(0.0, f64::max)
    })
}
