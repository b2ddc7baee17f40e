//! The event loop as a runtime, and the page's randomness and clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use hallpass_grant::Random;
use hallpass_http::{BrowserRuntime, Driver, FetchTransport, OsRandom, Runtime};
use wasm_bindgen::prelude::*;

fn assert_send_and_sync<T: Send + Sync>(value: T) -> T {
    value
}

#[test]
fn the_transport_the_runtime_and_their_futures_go_to_any_thread() {
    fn is_send(_: impl Send) {}
    let runtime = assert_send_and_sync(BrowserRuntime);
    assert_send_and_sync(FetchTransport::new());
    assert_send_and_sync(Driver::browser());
    is_send(runtime.sleep(Duration::ZERO));
}

#[test]
fn two_draws_are_never_the_same() {
    let drawn = OsRandom.draw().unwrap();
    assert_ne!(drawn, [0; 32]);
    assert_ne!(drawn, OsRandom.draw().unwrap());
}

#[test]
fn the_wall_clock_is_the_machines() {
    let now = BrowserRuntime.now();
    // The first of January 2026.
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    assert!(now > past, "{now:?}");
}

#[wasm_bindgen]
pub async fn a_sleep_is_never_shorter_than_was_asked() {
    for milliseconds in [0, 1, 7, 30] {
        let asked = Duration::from_millis(milliseconds);
        let begun = BrowserRuntime.steady();
        BrowserRuntime.sleep(asked).await;
        let slept = BrowserRuntime.steady() - begun;
        assert!(slept >= asked, "{slept:?} instead of {asked:?}");
    }
}

#[wasm_bindgen]
pub async fn what_is_spawned_runs_though_nobody_waits_for_it() {
    let runs = Arc::new(AtomicU32::new(0));
    let (task, work) = (Arc::clone(&runs), Arc::clone(&runs));
    BrowserRuntime.spawn(Box::pin(async move {
        BrowserRuntime.sleep(Duration::from_millis(1)).await;
        task.fetch_add(1, Ordering::Relaxed);
    }));
    BrowserRuntime.spawn_blocking(Box::new(move || {
        work.fetch_add(1, Ordering::Relaxed);
    }));
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    for _ in 0..1000 {
        if runs.load(Ordering::Relaxed) == 2 {
            return;
        }
        BrowserRuntime.sleep(Duration::from_millis(1)).await;
    }
    panic!("{runs:?}");
}

#[wasm_bindgen]
pub async fn a_sleep_that_is_dropped_keeps_nothing_waiting() {
    // Node.js would not end before its timers have.
    drop(BrowserRuntime.sleep(Duration::from_secs(86_400 * 365)));
    let mut sleep = BrowserRuntime.sleep(Duration::from_secs(86_400 * 365));
    std::future::poll_fn(|context| {
        assert!(sleep.as_mut().poll(context).is_pending());
        std::task::Poll::Ready(())
    })
    .await;
}
