//! What waits, tells the time, and runs what must not die with its caller.

use std::pin::Pin;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use time::UtcDateTime;

/// Something that runs on its own until it is done.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// Something that blocks its thread until it is done.
pub type Work = Box<dyn FnOnce() + Send + 'static>;

/// The async runtime, as far as a driver needs one.
#[async_trait]
pub trait Runtime: Send + Sync {
    /// The time now by the wall clock.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// How long it is since some moment of this process, by a clock that is never set and never goes back. It may stand still
    /// while the machine sleeps.
    fn steady(&self) -> Duration {
        steady()
    }

    /// Waits this long by a steady clock, never shorter. Dropping it ends the wait.
    async fn sleep(&self, duration: Duration);

    /// Runs a task to its end, whatever becomes of the caller. Its result it hands over itself.
    fn spawn(&self, task: Task);

    /// Runs work that blocks where it holds up no task, whatever becomes of the caller.
    fn spawn_blocking(&self, work: Work);
}

/// The same time as a date; the last or first date there is for one beyond it.
pub(crate) fn utc(time: SystemTime) -> UtcDateTime {
    let signed = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => time::Duration::try_from(after),
        Err(before) => time::Duration::try_from(before.duration()).map(|before| -before),
    };
    match signed.map(|since| (since, UtcDateTime::UNIX_EPOCH.checked_add(since))) {
        Ok((_, Some(date))) => date,
        Ok((since, None)) if since.is_negative() => UtcDateTime::MIN,
        Ok((_, None)) | Err(_) => UtcDateTime::MAX,
    }
}

/// By the operating system's steady clock, since it was first asked.
pub(crate) fn steady() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed()
}
