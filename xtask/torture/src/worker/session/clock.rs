//! Clocks that jump: tokio's runtime with a wall clock that can be set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass_http::{Runtime, Task, TokioRuntime, Work};

/// The machine's clocks, the wall clock ahead by some seconds or behind. What has passed while the machine slept is on the wall
/// clock alone, so a suspend is such a jump too.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    ahead: Arc<AtomicI64>,
    /// How many seconds the steady clock is ahead.
    passed: Arc<AtomicU64>,
}

impl Clock {
    /// Sets the wall clock forward, or back.
    pub(super) fn jump(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Lets this time pass, in which this process does nothing.
    pub(super) fn pass(&self, time: Duration) {
        self.passed.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Runtime for Clock {
    fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let by = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        let jumped = match ahead {
            0.. => now.checked_add(by),
            _ => now.checked_sub(by),
        };
        jumped.unwrap_or(now)
    }

    fn steady(&self) -> Duration {
        let passed = Duration::from_secs(self.passed.load(Ordering::SeqCst));
        TokioRuntime.steady().saturating_add(passed)
    }

    async fn sleep(&self, duration: Duration) {
        TokioRuntime.sleep(duration).await;
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}
