//! A runtime that waits for nothing: it puts the clocks forward.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass_http::{Runtime, Task, TokioRuntime, Work};
use hallpass_testkit::TestServer;
use time::UtcDateTime;
use tokio::sync::Notify;

/// Tells the time as the server does, and puts its clock forward where others wait.
#[derive(Clone)]
pub struct Haste {
    server: Arc<TestServer>,
    slept: Arc<Notify>,
}

impl Haste {
    /// Nobody has waited yet.
    pub fn new(server: Arc<TestServer>) -> Self {
        let slept = Arc::default();
        Self { server, slept }
    }

    /// Comes back when somebody has waited this many times.
    pub async fn slept(&self, times: usize) {
        for _ in 0..times {
            self.slept.notified().await;
        }
    }
}

#[async_trait]
impl Runtime for Haste {
    fn now(&self) -> SystemTime {
        let now = i64::try_from(self.server.now()).ok();
        let now = now.and_then(|now| UtcDateTime::from_unix_timestamp(now).ok());
        now.unwrap_or(UtcDateTime::MAX).into()
    }

    async fn sleep(&self, duration: Duration) {
        println!(
            "    (the clocks are put {} seconds forward)",
            duration.as_secs()
        );
        self.server.advance(duration);
        self.slept.notify_one();
        // The user's turn.
        tokio::task::yield_now().await;
    }

    fn spawn(&self, task: Task) {
        TokioRuntime.spawn(task);
    }

    fn spawn_blocking(&self, work: Work) {
        TokioRuntime.spawn_blocking(work);
    }
}
