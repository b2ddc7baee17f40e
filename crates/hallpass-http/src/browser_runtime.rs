//! A page as a runtime.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use wasm_bindgen_futures::spawn_local;

use crate::event_loop;
use crate::runtime::{Runtime, Task, Work};

/// The event loop of the page or the worker that the caller runs on, on `wasm32-unknown-unknown`.
///
/// The wall clock is `Date`, the steady one `performance`. A page in the background may be woken late, and one that is closed
/// takes its tasks with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrowserRuntime;

#[async_trait]
impl Runtime for BrowserRuntime {
    fn now(&self) -> SystemTime {
        let since = Duration::try_from_secs_f64(js_sys::Date::now() / 1000.0).unwrap_or_default();
        SystemTime::UNIX_EPOCH
            .checked_add(since)
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    fn steady(&self) -> Duration {
        event_loop::steady()
    }

    async fn sleep(&self, duration: Duration) {
        event_loop::begin(event_loop::sleep(duration)).await;
    }

    fn spawn(&self, task: Task) {
        spawn_local(task);
    }

    /// There is no other thread: it runs as soon as the page has nothing else to do, and holds it up meanwhile.
    fn spawn_blocking(&self, work: Work) {
        spawn_local(async move { work() });
    }
}
