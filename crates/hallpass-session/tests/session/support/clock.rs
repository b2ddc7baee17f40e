//! Two clocks, and tokio's time to wait by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass_http::{Runtime, Task, Work};
use time::UtcDateTime;
use tokio::time::Instant;

/// The wall clock's time when a test begins.
pub(crate) const NOW: i64 = 1_700_000_000;

/// A steady clock that is tokio's, which a test pauses, and a wall clock that goes with it and can jump.
#[derive(Clone)]
pub(crate) struct Clock {
    began: Arc<LazyLock<Instant>>,
    ahead: Arc<AtomicI64>,
    sleeps: Arc<Mutex<Vec<Duration>>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            began: Arc::new(LazyLock::new(Instant::now)),
            ahead: Arc::default(),
            sleeps: Arc::default(),
        }
    }
}

impl Clock {
    /// Both clocks go on by so much, and whoever waited for less comes back.
    pub(crate) async fn pass(&self, duration: Duration) {
        self.steady();
        tokio::time::sleep(duration).await;
    }

    /// The wall clock is set so many seconds on, or back.
    pub(crate) fn jump(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How long each wait was to be.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }
}

#[async_trait]
impl Runtime for Clock {
    fn now(&self) -> SystemTime {
        let wall = NOW + self.ahead.load(Ordering::Relaxed);
        SystemTime::from(UtcDateTime::from_unix_timestamp(wall).unwrap()) + self.steady()
    }

    fn steady(&self) -> Duration {
        self.began.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.sleeps.lock().unwrap().push(duration);
        tokio::time::sleep(duration).await;
    }

    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }

    fn spawn_blocking(&self, work: Work) {
        work();
    }
}
