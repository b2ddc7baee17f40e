//! What waits, tells the time, and runs what must not die with its caller.

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use time::UtcDateTime;

/// Something that runs on its own until it is done.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// Something that blocks its thread until it is done.
pub type Work = Box<dyn FnOnce() + Send + 'static>;

/// The async runtime, as far as a driver needs one.
#[async_trait]
pub trait Runtime: Send + Sync {
    /// The time now, UTC, by the wall clock.
    fn now(&self) -> UtcDateTime {
        UtcDateTime::now()
    }

    /// Waits this long by a steady clock, never shorter. Dropping it ends the wait.
    async fn sleep(&self, duration: Duration);

    /// Runs a task to its end, whatever becomes of the caller. Its result it hands over itself.
    fn spawn(&self, task: Task);

    /// Runs work that blocks where it holds up no task, whatever becomes of the caller.
    fn spawn_blocking(&self, work: Work);
}
