//! What blocks, behind the async traits. Each future is ready when it is polled: it has blocked its thread until then.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use hallpass_grant::{Request, Response, Signature, SigningInput};
use hallpass_http::blocking::{Clock, Signer, Transport};
use hallpass_http::{Runtime, SignError, Task, TransportError, Work};
use hallpass_store::blocking::TokenStore;
use hallpass_store::{Entry, Key, Revision, StoreError, SwapError};
use pollster::block_on;

/// Does its work on the thread that polls it.
pub(super) struct Inline<T: ?Sized>(pub(super) Arc<T>);

#[async_trait]
impl hallpass_store::TokenStore for Inline<dyn TokenStore> {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.0.load(key)
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.0.swap(key, expected, new)
    }
}

#[async_trait]
impl hallpass_http::Transport for Inline<dyn Transport> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.send(request)
    }
}

#[async_trait]
impl hallpass_http::Signer for Inline<dyn Signer> {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        self.0.sign(input)
    }
}

/// A thread for each task.
pub(super) struct Threads(pub(super) Arc<dyn Clock>);

#[async_trait]
impl Runtime for Threads {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn steady(&self) -> Duration {
        self.0.steady()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }

    fn spawn(&self, task: Task) {
        self.spawn_blocking(Box::new(move || block_on(task)));
    }

    fn spawn_blocking(&self, work: Work) {
        // Without a thread the work is dropped, which tells whoever waits for it.
        drop(thread::Builder::new().spawn(work));
    }
}
