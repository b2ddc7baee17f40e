//! Tokio as a runtime.

use std::time::Duration;

use async_trait::async_trait;

use crate::runtime::{Runtime, Task, Work};

/// The tokio runtime that the caller runs on.
///
/// # Panics
/// Its methods, as tokio's do, outside a tokio runtime, or in one whose timer is not enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokioRuntime;

#[async_trait]
impl Runtime for TokioRuntime {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }

    fn spawn_blocking(&self, work: Work) {
        drop(tokio::task::spawn_blocking(work));
    }
}
