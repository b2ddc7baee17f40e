//! The reqwest transport against raw sockets.

mod blocking;
mod certificates;
mod headers;
mod leaks;
mod limits;
mod outages;
mod proxies;
mod redirects;
mod server;

use std::time::Duration;

use hallpass_http::{Runtime, Task, Work, async_trait};

/// A runtime for conversations that neither wait nor spawn.
struct TestRuntime;

#[async_trait]
impl Runtime for TestRuntime {
    async fn sleep(&self, duration: Duration) {
        panic!("asked to wait {duration:?}");
    }

    fn spawn(&self, _: Task) {
        panic!("asked to spawn");
    }

    fn spawn_blocking(&self, _: Work) {
        panic!("asked to spawn");
    }
}
