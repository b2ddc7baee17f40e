//! What the suite asks of whoever tests a store.

use std::{future::Future, pin::Pin, sync::Arc};

use async_trait::async_trait;

use crate::TokenStore;

/// Makes the stores that the suite tries. A closure that makes an empty store is one, and so is
/// [`Places`](super::Places); implement the trait where making a store is asynchronous.
///
/// Only [`fresh`](Self::fresh) has to be there. Each of the others lets the suite try more.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The store under test.
    type Store: TokenStore + 'static;

    /// A store with nothing in it, which shares nothing with those made before. Panic where it
    /// cannot be made.
    async fn fresh(&self) -> Self::Store;

    /// A second handle on what `store` holds, as another process would open it.
    async fn again(&self, _store: &Self::Store) -> Option<Self::Store> {
        None
    }

    /// Closes the store and opens it again, as after a restart.
    async fn reopen(&self, _store: Self::Store) -> Option<Self::Store> {
        None
    }

    /// Sees to it that the next swap through this handle loses its answer (a proxy that cuts the
    /// connection, a driver that is told to), and says whether it did.
    async fn lose_answer(&self, _store: &Self::Store, _loss: Loss) -> bool {
        false
    }

    /// What runs a future of the store to its end on whatever thread it is called on:
    /// [`block_on`](super::block_on), or for a store that needs tokio
    /// `move |work| handle.block_on(work)` with a `tokio::runtime::Handle`.
    fn on_threads(&self) -> Option<Drive> {
        None
    }
}

/// When the answer to a swap is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The swap does not arrive: nothing is written.
    BeforeTheWrite,
    /// The swap is written; what is lost is the word of it.
    AfterTheWrite,
}

/// Runs a [`Work`] to its end on the thread that calls it.
pub type Drive = Arc<dyn Fn(Work) + Send + Sync>;

/// A future of the store under test, to be run on a thread of its own.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

#[async_trait]
impl<F, S> Harness for F
where
    F: Fn() -> S + Send + Sync,
    S: TokenStore + 'static,
{
    type Store = S;

    async fn fresh(&self) -> S {
        self()
    }
}
